import type { CONSENT_STATUSES } from '../directives/consent-status.ts'
import type { Grant } from '../directives/grant.ts'
import type { Limits } from './limits/limits.ts'
import type { Lifetime } from './lifetime.ts'
import type { TrustedDocuments } from './trusted-documents.ts'

/** Milliseconds since the epoch. A port, so that tests own the time. */
export type Clock = () => number

/** Who asks, and for what. Scopes are already contract ∩ purpose: nothing below may widen them. */
export interface Caller {
  readonly client: string
  readonly purpose: string
  readonly scopes: ReadonlySet<string>
  readonly contract: ClientContract
  /** The pid the token speaks for, when it speaks for a person. */
  readonly actor: string | null
  /** When the token that proves the caller runs out, on the clock; null where no token proves anybody. */
  readonly expiresAt: number | null
  /** Of the registered operation it asks, how long the answer may take in milliseconds. */
  readonly budgetMs?: number
  /** Of the same, which variables are about a person, the one that names them first. */
  readonly personal?: readonly string[]
  /** What the proof of the caller says; absent where nobody has proved anything. */
  readonly proof?: CallerProof
  /** Where the answer will be used; a receipt for another channel or region does not count. */
  readonly context: ConsentContext
}

export interface CallerProof {
  /** The token's `scope` claim as it stands: these are no consent scopes. */
  readonly scopes: ReadonlySet<string>
}

/** Says which of the policies that a graph names (`@policy`) hold for a caller. One that is not answered does not hold. */
export interface PolicySource {
  holding(policies: ReadonlySet<string>, caller: Caller): Promise<Iterable<string>> | Iterable<string>
}

export interface ConsentContext {
  readonly channel?: string
  readonly region?: string
  readonly brand?: string
  /** The person's browser says that they object to their data being sold or shared (Global Privacy Control). */
  readonly gpc?: '1'
  /** Of the person the page is for, in years, as far as the client knows it. It can only take away. */
  readonly age?: number
}

/** What one client agreed with the owner of the graph. Kept as YAML, one file a client. */
export interface ClientContract {
  readonly client: string
  readonly purposes: readonly string[]
  readonly defaultPurpose?: string
  readonly scopes: readonly string[]
  /** Registered operations by name; their purpose wins over the header. */
  readonly operations: ReadonlyMap<string, RegisteredOperation>
  /** True when only registered operations are served. */
  readonly operationsOnly: boolean
  readonly report: 'extensions' | 'errors' | 'none'
  readonly onWithheld: 'strip' | 'reject'
  /** How much a withheld entry tells: `full` names scopes and reason, `coordinate` only where. */
  readonly disclose: 'full' | 'coordinate'
  /** `own`: without what this client can never get. */
  readonly introspection: boolean | 'own'
  /** The part of the graph that this client sees and may ask (`@tag`). */
  readonly tags?: { readonly include: readonly string[]; readonly exclude: readonly string[] }
  /** True when a request of this client may ask for its plan and what the fence did. */
  readonly explain?: boolean
  readonly context: ConsentContext
  /** Where this client has limits of its own, closer or wider than those of the settings. */
  readonly limits?: Readonly<Partial<Limits>>
  /** Policies of the graph (`@policy`) that hold for this client. */
  readonly policies?: readonly string[]
  /** Documents of this client alone; without them those of the gateway are its. */
  readonly trustedDocuments?: TrustedDocuments
  /** Who answers for the client and its contract. */
  readonly owner?: string
  /** What every new use of data about people is asked. */
  readonly review?: Readonly<Record<'data' | 'purpose' | 'control', string>>
  /** Where its answers are used (ISO 3166); everywhere when absent. */
  readonly regions?: readonly string[]
  /** Systems that it hands what it reads to. */
  readonly destinations?: readonly string[]
  /** All it may ever learn about people, as coordinates; `assent clients check` holds it to that. */
  readonly fields?: readonly string[]
}

export interface RegisteredOperation {
  readonly purpose: string
  /** SHA-256 (hex) of the document text; when given, another text under this name is refused. */
  readonly sha256?: string
  /** How long its answer may take, in milliseconds. */
  readonly budgetMs?: number
  /**
   * The variables that are about a person, the one that names them first. Where they are named, a late answer is told as before or
   * as nobody's; nothing else in the operation may be about anybody.
   */
  readonly personal?: readonly string[]
}

/** What is active now for one data subject; each scope names the receipt it rests on. */
export interface ConsentState {
  readonly subject: string
  readonly revision: string
  readonly scopes: ReadonlyMap<string, ScopeState>
  /** Set when nothing may be used at all, whatever the receipts say. */
  readonly blocked?: 'SUPPRESSED' | 'ERASED' | 'UNKNOWN_SUBJECT'
  /** Until when this is so if nothing changes, in milliseconds of `performance.now()`: the first consent runs out then. */
  readonly until?: number
  /** The bundle of policies that says what holds where nothing was said. */
  readonly policy?: string
}

export type ConsentStatus = (typeof CONSENT_STATUSES)[number]

export interface ScopeState {
  readonly status: ConsentStatus
  readonly receipt: string | null
  /** Milliseconds since the epoch; null when it does not run out. */
  readonly expiresAt: number | null
}

/** Answers for all subjects in one call. A subject missing from the answer, or a rejected promise, is "unavailable". */
export interface ConsentSource {
  /** What may be relied upon at this very moment without asking anybody; undefined where that is nothing. */
  known?(subject: string, context: ConsentContext): ConsentState | undefined
  load(subjects: readonly string[], context: ConsentContext): Promise<ReadonlyMap<string, ConsentState>>
  /** Where changes are heard of: what was known a moment ago may be asked about before it is acted upon. */
  readonly changes?: ConsentChanges
}

export interface ConsentChanges {
  /** Whether what is known may still be relied upon. Looked at when something is about to leave, never by a timer. */
  holds(): boolean
  /** How many changes have been heard of. */
  position(): number
  /** Whose consent has changed after a position; null where that is not remembered, and so may be anybody's. */
  after(position: number): Iterable<string> | null
  /** Resolves when this revision is known of; rejects when it is not in time. */
  reach(revision: string): Promise<void>
  /** For how long what is known may be relied upon if nothing is heard; null where there is no lease. */
  term?(): LeaseTerm | null
}

/** The rest of a lease. */
export interface LeaseTerm {
  /** What the clock of the consent service will show when it is over, in milliseconds since the epoch. */
  readonly until: number
  readonly leftMs: number
}

/** Headers of the client's request, by lower-case name. */
export type IncomingHeaders = (name: string) => string | undefined

/** One request to one subgraph. The adapter makes the body of it, signs it and sends it. */
export interface SubgraphRequest {
  readonly subgraph: string
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly document: string
  /** The document as a JSON string, written once a plan. */
  readonly documentJson: string
  /** A JSON object, as text: representations are written once, and are their own key. */
  readonly variables: string
  readonly grant: Grant
  readonly lifetime: Lifetime
  readonly incoming: IncomingHeaders
  /** Asked by whoever writes it to a connection, at that very moment: what was decided may have been overtaken. */
  readonly mayLeave?: () => boolean
}

/** What a subgraph answered, not yet trusted in any way. Throws `AssentError` when there is no well-formed answer. */
export interface SubgraphResponse {
  readonly data: unknown
  readonly errors: readonly SubgraphError[]
  /** The lease that the request was decided under was over when it was answered: it may have been refused for that. */
  readonly isLate?: true
}

export interface SubgraphError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * What happens between a request and its answer: a query is tried again; the circuit of a subgraph opens or closes; a
 * request is turned away because too many wait; a query is answered by one that was under way already.
 */
export type SubgraphEvent = 'retry' | 'open' | 'close' | 'shed' | 'dedupe'

export interface SubgraphClient {
  send(request: SubgraphRequest): Promise<SubgraphResponse>
}

/** Subscriptions to subgraphs. */
export interface SubgraphStreams {
  /**
   * The events of one subscription, until the subgraph ends it. Throws `AssentError` when it breaks.
   * The end of the request's lifetime ends the stream in the subgraph at once.
   */
  open(request: SubgraphRequest): AsyncIterable<SubgraphResponse>
}

/** Who asked, for what, about whom, decided how, by which receipts. Carries no personal value. */
export interface DecisionRecord {
  readonly at: string
  readonly request: string
  readonly client: string
  readonly purpose: string
  readonly supergraph: string
  /** Where the answer is used, as far as the contract says. */
  readonly region?: string
  readonly brand?: string
  readonly subgraph: string
  /** The bundle of policies it was decided under; absent where there is none. */
  readonly policy?: string
  /** Coordinates that were asked for, each with the scopes it rests on. */
  readonly granted: Readonly<Record<string, readonly string[]>>
  /** Coordinates that were not, each with the reason. */
  readonly denied: Readonly<Record<string, string>>
  /** The scopes whose receipts each person is listed with, in this order. */
  readonly scopes: readonly string[]
  /** Everybody about whom this was decided: pid, revision of what is known of their consent, a receipt for each scope. */
  readonly people: readonly (readonly [pid: string, revision: string | null, ...receipts: string[]])[]
}

/** The records of one request. Nearly always they are only written, so that is what they are made for. */
export interface DecisionRecords extends Iterable<DecisionRecord> {
  /** Decisions about one person in one lookup. */
  readonly length: number
  /** JSON Lines, each with its line break. */
  lines(): string
}

export interface DecisionLog {
  /** Resolves when the records are kept as the policy asks; rejects when they cannot be. */
  write(records: DecisionRecords): Promise<void>
}

/** Proves who sent a token. Throws `AssentError` when it cannot. */
export interface TokenVerifier {
  verify(token: string): Promise<VerifiedToken>
}

export interface VerifiedToken {
  readonly client: string
  readonly subject: string | null
  /** All that the token names, whatever it means; null when it says nothing of scopes. */
  readonly scopes: readonly string[] | null
  readonly expiresAt: number
}

export interface ContractSource {
  find(client: string): ClientContract | undefined
  /** Where they are known beforehand, so that a graph can be held against each of them. */
  all?(): Iterable<ClientContract>
}
