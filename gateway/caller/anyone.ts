import type { Caller, ClientContract, ContractSource, TokenVerifier } from '../ports.ts'
import {
  bearerToken,
  type CallerRequest,
  refuseDevelopmentHeaders,
  registeredOperation,
  verifyToken,
} from './identify.ts'

/** What someone without a contract may ask of a graph that holds no personal data: all of it. */
const openContract = (client: string): ClientContract => ({
  client,
  purposes: ['none'],
  scopes: [],
  operations: new Map(),
  operationsOnly: false,
  report: 'extensions',
  onWithheld: 'strip',
  disclose: 'full',
  introspection: true,
  context: {},
})

/** Who asks a graph that holds no personal data and proves no tokens: anyone, with no scope at all. */
const ANYONE: Caller = {
  client: 'anyone',
  purpose: 'none',
  scopes: new Set(),
  actor: null,
  expiresAt: null,
  context: {},
  contract: openContract('anyone'),
}

/** Headers that mean something to a development gateway only are refused in production here, too. */
export const identifyAnyone =
  (profile: 'development' | 'production') =>
  async (request: CallerRequest): Promise<Caller> => {
    if (profile === 'production') refuseDevelopmentHeaders(request)
    return ANYONE
  }

export interface OpenGraphOptions {
  readonly profile: 'development' | 'production'
  /** Clients without a contract here have an open one; one for `anyone` is that of all who prove nothing. */
  readonly contracts: ContractSource
  /** Absent when no keys are configured; then nobody proves anything. */
  readonly verifier: TokenVerifier | undefined
}

/**
 * Who asks a graph that holds no personal data but asks something of its callers (`@authenticated`): whoever brings a token
 * is who it says, and may not bring a wrong one. Without one a caller is anyone, to whom what is so protected is not shown.
 */
export const identifyIfProved = ({ profile, contracts, verifier }: OpenGraphOptions) => {
  const contractOf = (client: string) => contracts.find(client) ?? openContract(client)
  const anyone: Caller = { ...ANYONE, contract: contractOf(ANYONE.client) }
  const proved = async (token: string, request: CallerRequest): Promise<Caller> => {
    const { client, actor, expiresAt, proof } = await verifyToken(token, request, verifier)
    return { ...ANYONE, client, actor, expiresAt, contract: contractOf(client), ...(proof && { proof }) }
  }
  return async (request: CallerRequest): Promise<Caller> => {
    if (profile === 'production') refuseDevelopmentHeaders(request)
    const token = verifier === undefined ? undefined : bearerToken(request)
    const caller = token === undefined ? anyone : await proved(token, request)
    registeredOperation(request, caller.contract)
    return caller
  }
}
