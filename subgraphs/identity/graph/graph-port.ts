import type { IdentityChange, MergeDecision, PossibleMatch, RecordNode, Separation } from './decision.ts'

/** What the graph keeps beside what records say, read at one moment. Answers are ordered by id or position. */
export interface GraphReader {
  /** By the pid each is the seed of, or was before its key was changed; gone ones, too. Pids nobody has are missing. */
  bySeed(pids: readonly string[]): Promise<readonly RecordNode[]>
  byKey(keys: readonly string[]): Promise<readonly RecordNode[]>
  byId(ids: readonly number[]): Promise<readonly RecordNode[]>
  /** Every record there is or was, behind this number, the oldest first. */
  nodesAfter(id: number, limit: number): Promise<readonly RecordNode[]>
  countNodes(): Promise<number>
  /** Everything that belongs to these people now, the gone records whose pids lead to them included. */
  members(pids: readonly string[]): Promise<readonly RecordNode[]>

  /** `bySeed`, `members` of all whom these belong to, and `mergesOf` all of those: one question, where a store can. */
  around?(pids: readonly string[]): Promise<Surroundings>

  /** What a record has in common with others, as tokens. */
  facts(ids: readonly number[]): Promise<readonly RecordFacts[]>

  /** Every merge decision about one of these records, whatever became of it. */
  mergesOf(ids: readonly number[]): Promise<readonly MergeDecision[]>
  merges(decisionIds: readonly string[]): Promise<readonly MergeDecision[]>
  /** Those that consent still has to hear of: `asked` and not undone, or `ending`. Oldest first. */
  untoldMerges(state: 'asked' | 'ending', limit: number): Promise<readonly MergeDecision[]>
  separationsOf(ids: readonly number[]): Promise<readonly Separation[]>

  matchesOf(ids: readonly number[]): Promise<readonly PossibleMatch[]>
  match(matchId: string): Promise<PossibleMatch | null>
  /** Undecided ones of two records that are there and are not one person's by now, behind this position. */
  openMatches(first: number, after: number): Promise<readonly PossibleMatch[]>

  /** Changes that not everybody who has to has been told of, oldest first. */
  untoldChanges(limit: number): Promise<readonly IdentityChange[]>
}

export interface Surroundings {
  readonly found: readonly RecordNode[]
  readonly members: readonly RecordNode[]
  readonly merges: readonly MergeDecision[]
}

export interface RecordFacts {
  readonly id: number
  /** Names of the fields of `Customer` that it has a value of; null: it came before that was kept. */
  readonly says: readonly string[] | null
  /** In the order of their kinds. */
  readonly identifiers: readonly { readonly kind: string; readonly token: string }[]
  readonly household: string | null
  readonly account: string | null
  readonly devices: readonly string[]
}

/** One record under another key of the pseudonyms. */
export interface RecordRename {
  readonly id: number
  /** The pid it is the seed of; the elder one leads on to it. Whoever is called by it, is called by the new one. */
  readonly seed: Renaming | null
  /** The new token stands beside the elder ones, or in their place. */
  readonly identifiers: readonly (Renaming & { readonly kind: string })[]
  readonly keepsElders: boolean
  readonly devices: readonly Renaming[]
  /** Of everybody who lives there, at once. */
  readonly household: Renaming | null
  readonly account: Renaming | null
}

export interface Renaming {
  /** Never empty. */
  readonly elders: readonly string[]
  readonly newest: string
}

/** The same within one change of the graph. Nothing is kept unless all of it is. */
export interface GraphWriter extends GraphReader {
  /** The first of `count` positions nobody else has. */
  takePositions(count: number): Promise<number>
  /** New ones, or new states of known ones. */
  putMerges(merges: readonly MergeDecision[]): Promise<void>
  putSeparations(separations: readonly Separation[]): Promise<void>
  putMatches(matches: readonly PossibleMatch[]): Promise<void>
  /** Who owns a record from now on. A record that owns itself is a person from then on. */
  putOwners(owners: ReadonlyMap<number, string | null>): Promise<void>
  /** Blanks all a record says and drops its identifiers. Its number and its own pid stay. */
  markGone(id: number, gone: { readonly at: number; readonly heirBy: string | null }): Promise<void>
  /** Gives records what they are called under another key. What is not known by an elder name any more stays as it is. */
  renameRecords(renames: readonly RecordRename[]): Promise<void>
  /** The elder pids of these records lead nowhere from now on. */
  forgetElderPids(ids: readonly number[]): Promise<void>
  /** Of these, the gone records' own pids lead nowhere from now on. */
  forgetGonePids(ids: readonly number[]): Promise<void>
  putChanges(changes: readonly IdentityChange[]): Promise<void>
  toldChanges(ids: readonly string[]): Promise<void>
}

/** Where a graph is kept. */
export interface GraphStore {
  /** Reads at one moment. */
  look<T>(work: (graph: GraphReader) => Promise<T>): Promise<T>
  /** One change, all or nothing, and one after the other. `work` may be run again, so it does nothing else. */
  change<T>(work: (graph: GraphWriter) => Promise<T>): Promise<T>
}
