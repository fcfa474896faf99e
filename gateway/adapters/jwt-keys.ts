import { createPublicKey } from 'node:crypto'
import { createLocalJWKSet, createRemoteJWKSet, errors, jwksCache } from 'jose'
import type { ExportedJWKSCache, JSONWebKeySet, JWKSCacheInput, JWTVerifyGetKey } from 'jose'
import { AssentError } from '../errors.ts'

/** How often an issuer is asked for its keys, in milliseconds. */
const COOLDOWN_MS = 30_000
const FRESH_MS = 600_000
const TIMEOUT_MS = 3000
/** Without any keys nobody is served, so that an issuer that starts up is asked again soon. */
const FIRST_COOLDOWN_MS = 1000

/**
 * Keys that an issuer publishes. They are read again when they are old or a token names a new one, but for all tokens
 * together and not more often than the cooldown: anybody can send tokens that name keys nobody has. While the issuer cannot
 * be read, the keys it published last go on being used, up to `staleMs`; it is the one who has the keys that is down, not
 * the one who has lost them.
 */
export const remoteKeys = (url: string, staleMs: number): JWTVerifyGetKey => {
  const published: JWKSCacheInput = {}
  const remote = createRemoteJWKSet(new URL(url), {
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: FRESH_MS,
    timeoutDuration: TIMEOUT_MS,
    [jwksCache]: published,
  })
  let last: { readonly keys: JWTVerifyGetKey; readonly readAt: number } | undefined
  let failure: { readonly cause: unknown; readonly until: number } | undefined

  const kept = (cause: unknown): JWTVerifyGetKey => {
    if (last === undefined || Date.now() - last.readAt > FRESH_MS + staleMs) throw cause
    return last.keys
  }
  const keep = (): void => {
    const { jwks, uat: readAt } = published as Partial<ExportedJWKSCache>
    if (jwks !== undefined && readAt !== undefined && readAt !== last?.readAt)
      last = { keys: createLocalJWKSet(jwks), readAt }
  }
  return async (header, token) => {
    if (failure !== undefined && Date.now() < failure.until) return kept(failure.cause)(header, token)
    try {
      const key = await remote(header, token)
      failure = undefined
      keep()
      return key
    } catch (cause) {
      keep()
      if (isAboutToken(cause)) throw cause
      const cooldown = last === undefined ? FIRST_COOLDOWN_MS : COOLDOWN_MS
      failure = { cause, until: Date.now() + cooldown }
      return kept(cause)(header, token)
    }
  }
}

/** The keys were read, and the token fits none of them. */
const isAboutToken = (cause: unknown): boolean =>
  cause instanceof errors.JWKSNoMatchingKey ||
  cause instanceof errors.JWKSMultipleMatchingKeys ||
  cause instanceof errors.JOSENotSupported

/** One public key as PEM or JWK, or a JWKS. Throws `CONFIG_INVALID` for anything else, private keys included. */
export const localKeys = (text: string): JWTVerifyGetKey => {
  try {
    if (!text.trimStart().startsWith('{')) return pemKey(text)
    const parsed = JSON.parse(text) as Record<string, unknown>
    const keys = (Array.isArray(parsed['keys']) ? parsed['keys'] : [parsed]) as JSONWebKeySet['keys']
    if (keys.length === 0 || !keys.every(isPublicKey)) throw new TypeError('not public')
    return createLocalJWKSet({ keys })
  } catch (cause) {
    throw new AssentError('CONFIG_INVALID', 'jwt.publicKeyFile holds no public key', { cause })
  }
}

const pemKey = (pem: string): JWTVerifyGetKey => {
  if (pem.includes('PRIVATE KEY')) throw new TypeError('not public')
  const key = createPublicKey(pem)
  return async () => key
}

const isPublicKey = (key: unknown): boolean =>
  typeof key === 'object' &&
  key !== null &&
  'kty' in key &&
  key.kty !== 'oct' &&
  !('d' in key) &&
  !('k' in key)
