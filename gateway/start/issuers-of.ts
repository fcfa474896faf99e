import type { Config } from '../config.ts'
import type { JwtIssuer } from '../jwt-issuers.ts'

/** Everybody whose tokens are believed. */
export const issuersOf = ({
  jwtIssuer,
  jwtAudience,
  jwtJwksUrl,
  jwtPublicKeyFile,
  jwtIssuers,
}: Config): JwtIssuer[] => {
  if (jwtIssuer === null || jwtAudience === null) return [...jwtIssuers]
  const first = {
    issuer: jwtIssuer,
    audience: jwtAudience,
    jwksUrl: jwtJwksUrl,
    publicKeyFile: jwtPublicKeyFile,
    algorithms: null,
    clientClaim: null,
    clients: null,
  }
  return [...jwtIssuers, first]
}
