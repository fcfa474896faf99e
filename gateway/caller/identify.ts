import { createHash } from 'node:crypto'
import { scopesOf } from '../../directives/vocabulary.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { AssentError } from '../errors.ts'
import { onlyOperationName } from '../only-operation-name.ts'
import type {
  Caller,
  CallerProof,
  ClientContract,
  ContractSource,
  RegisteredOperation,
  TokenVerifier,
} from '../ports.ts'

/** What is looked at to say who asks: nothing of it is trusted before it is proved. */
export interface CallerRequest {
  /** The value of a header by lower-case name; a header sent twice comes joined by a comma. */
  readonly header: (name: string) => string | undefined
  /** The document text, when the request carries one. */
  readonly document: string | undefined
  /** The document that a request names instead; which one it is depends on who asks. */
  readonly documentOf?: (contract: ClientContract) => string | undefined
  readonly operationName: string | undefined
}

export interface IdentifyOptions {
  readonly profile: 'development' | 'production'
  readonly contracts: ContractSource
  /** Absent when no keys are configured; then a token is never accepted. */
  readonly verifier: TokenVerifier | undefined
  readonly vocabulary: Vocabulary
}

/** The client that a development gateway takes an unproven caller for. */
const DEVELOPMENT_CLIENT = 'explorer'

/** Headers that mean something to a development gateway only. */
export const DEVELOPMENT_HEADERS = [
  'x-assent-client',
  'x-assent-purpose',
  'x-assent-actor',
  'x-assent-show',
] as const

/**
 * Who asks, and for what: token → contract → declared purpose → Caller.
 * The scopes of a caller are contract ∩ purpose ∩ token; nothing after this may widen them (purpose limitation, GDPR Art. 5(1)(b)).
 */
export const identify = async (request: CallerRequest, options: IdentifyOptions): Promise<Caller> => {
  const { client, actor, tokenScopes, expiresAt, proof } = await proveClient(request, options)
  const contract = options.contracts.find(client)
  if (contract === undefined) throw new AssentError('CLIENT_UNKNOWN', 'client')
  const operation = registeredOperation(request, contract)
  const purpose = declaredPurpose(request, contract, operation)
  if (!options.vocabulary.purposes.has(purpose)) throw new AssentError('PURPOSE_UNKNOWN', 'assent-purpose')
  if (!contract.purposes.includes(purpose)) throw new AssentError('PURPOSE_NOT_IN_CONTRACT', 'assent-purpose')
  const named = consentScopes(tokenScopes, options.vocabulary)
  return {
    client,
    purpose,
    scopes: scopesFor({ contract, purpose, named }, options.vocabulary),
    contract,
    actor,
    expiresAt,
    context: contract.context,
    ...(operation?.budgetMs !== undefined && { budgetMs: operation.budgetMs }),
    ...(operation?.personal !== undefined && { personal: operation.personal }),
    ...(proof && { proof }),
  }
}

interface Asking {
  readonly contract: ClientContract
  readonly purpose: string
  /** What a token says; null when it says nothing. */
  readonly named: ReadonlySet<string> | null
}

/** What a token says nothing of is the same for every request of a client. */
const scopesFor = ({ contract, purpose, named }: Asking, vocabulary: Vocabulary): ReadonlySet<string> => {
  const latest = named === null ? untold.get(contract) : undefined
  if (latest?.purpose === purpose && latest.vocabulary === vocabulary) return latest.scopes
  const allowed = scopesOf(vocabulary, purpose)
  const scopes = setOf(
    contract.scopes.filter((scope) => allowed.has(scope) && (named?.has(scope) ?? true)),
    contract,
  )
  if (named === null) untold.set(contract, { purpose, vocabulary, scopes })
  return scopes
}

const untold = new WeakMap<
  ClientContract,
  { readonly purpose: string; readonly vocabulary: Vocabulary; readonly scopes: ReadonlySet<string> }
>()

/** Callers of one client who may use the same have the same set: what is worked out for it is worked out once. */
const setOf = (scopes: readonly string[], contract: ClientContract): ReadonlySet<string> => {
  const sets = known.get(contract) ?? new Map<string, ReadonlySet<string>>()
  known.set(contract, sets)
  const key = scopes.join(' ')
  const set = sets.get(key) ?? new Set(scopes)
  if (sets.size < MOST_SETS) sets.set(key, set)
  return set
}

const known = new WeakMap<ClientContract, Map<string, ReadonlySet<string>>>()

/** Purposes and tokens are few in practice. */
const MOST_SETS = 1_000

/**
 * What a token says of consent; null when it says nothing, and then the contract alone counts. A token of an issuer that
 * knows no consent scopes (`openid profile`) says nothing; one that names some may use those; one that was given none at
 * all may use none: a token reduced to nothing must not be worth more than one reduced to little.
 */
const consentScopes = (
  named: readonly string[] | null,
  { scopes }: Vocabulary,
): ReadonlySet<string> | null => {
  if (named === null) return null
  const told = named.filter((name) => scopes.has(name))
  return told.length === 0 && named.length > 0 ? null : new Set(told)
}

interface ProvedClient {
  readonly client: string
  readonly actor: string | null
  readonly tokenScopes: readonly string[] | null
  readonly expiresAt: number | null
  readonly proof?: CallerProof
}

const proveClient = async (request: CallerRequest, options: IdentifyOptions): Promise<ProvedClient> => {
  const development = options.profile === 'development'
  if (!development) refuseDevelopmentHeaders(request)
  const token = bearerToken(request)
  if (token !== undefined) return verifyToken(token, request, options.verifier)
  if (!development) throw new AssentError('CALLER_UNAUTHENTICATED', 'authorization')
  return {
    client: request.header('x-assent-client') ?? DEVELOPMENT_CLIENT,
    actor: request.header('x-assent-actor') ?? null,
    tokenScopes: null,
    expiresAt: null,
  }
}

/** A header that stands for proof in development would be a way around proof in production. */
export const refuseDevelopmentHeaders = (request: CallerRequest): void => {
  const sent = DEVELOPMENT_HEADERS.find((name) => request.header(name) !== undefined)
  if (sent !== undefined) throw new AssentError('DEVELOPMENT_HEADER_REFUSED', sent)
}

export const bearerToken = (request: CallerRequest): string | undefined => {
  const header = request.header('authorization')
  if (header === undefined) return undefined
  const token = /^bearer +([\w.~+/=-]+) *$/i.exec(header)?.[1]
  if (token === undefined) throw new AssentError('CALLER_UNAUTHENTICATED', 'authorization')
  return token
}

export const verifyToken = async (
  token: string,
  request: CallerRequest,
  verifier: TokenVerifier | undefined,
): Promise<ProvedClient> => {
  if (verifier === undefined) throw new AssentError('TOKEN_INVALID', 'settings `jwt`')
  const chosen = (['x-assent-client', 'x-assent-actor'] as const).find(
    (name) => request.header(name) !== undefined,
  )
  if (chosen !== undefined) throw new AssentError('HEADER_INVALID', `${chosen} beside authorization`)
  const { client, subject, scopes, expiresAt } = await verifier.verify(token)
  return {
    client,
    actor: subject,
    tokenScopes: scopes,
    expiresAt,
    proof: { scopes: new Set(scopes) },
  }
}

/** A registered operation is found by its name; another text under that name is refused. */
export const registeredOperation = (
  request: CallerRequest,
  contract: ClientContract,
): RegisteredOperation | undefined => {
  if (contract.operations.size === 0 && !contract.operationsOnly) return undefined
  const document = documentAsked(request, contract)
  const name = request.operationName || onlyOperationName(document) || ''
  const operation = contract.operations.get(name)
  if (operation === undefined && contract.operationsOnly)
    throw new AssentError('OPERATION_NOT_REGISTERED', 'operationName')
  if (operation?.sha256 !== undefined && sha256(document) !== operation.sha256)
    throw new AssentError('OPERATION_ALTERED', 'query')
  return operation
}

const documentAsked = ({ document, documentOf }: CallerRequest, contract: ClientContract): string =>
  document || documentOf?.(contract) || ''

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const declaredPurpose = (
  request: CallerRequest,
  contract: ClientContract,
  operation: RegisteredOperation | undefined,
): string => {
  if (operation !== undefined) return operation.purpose
  const declared = request.header('assent-purpose')
  const chosen = request.header('x-assent-purpose')
  if (declared !== undefined && chosen !== undefined && declared !== chosen) {
    throw new AssentError('HEADER_INVALID', 'x-assent-purpose beside assent-purpose')
  }
  const only = contract.purposes.length === 1 ? contract.purposes[0] : undefined
  const purpose = declared ?? chosen ?? contract.defaultPurpose ?? only
  if (purpose === undefined) throw new AssentError('PURPOSE_UNDECLARED', 'assent-purpose')
  return purpose
}
