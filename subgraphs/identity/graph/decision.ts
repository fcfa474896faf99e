/**
 * What was decided about who is who. Statements, never changed: what takes one back is another statement. Records are named
 * by their number in the store (`RecordNode.id`), so that a new key of the pseudonyms leaves decisions as they are.
 */
export interface MergeDecision {
  readonly decisionId: string
  /** Of all statements of this graph, in the order they were made. */
  readonly position: number
  /** The two records said to be one person's; `a` is the older one. */
  readonly a: number
  readonly b: number
  readonly how: DecidedHow
  /** Rule or model with its version, `shared-identifier@1`; of a person's decision, what it rests on, or `by-hand@1`. */
  readonly by: string
  readonly evidence: readonly Evidence[]
  /** log2 odds of two records being one person's before anything is compared; null where nothing is weighed. */
  readonly prior: number | null
  /** In [0, 1]; null where nothing is weighed. */
  readonly probability: number | null
  /** A client or a person's id; of rules and models the name in `by`. */
  readonly actor: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly reason: string | null
  /** Whether one of the two had never been a person of its own: then nobody's consent changes. */
  readonly isJoin: boolean
  /** From when on the two records are one person's; null: not yet, consent has not heard of it. */
  readonly effectiveAt: number | null
  /** What became of the fields of the two people; null: not in force yet, or from before that was kept. */
  readonly fields: readonly FieldOutcome[] | null
  readonly undone: UnmergeDecision | null
  /** What consent knows of it. */
  readonly consent: ConsentKnows
}

export type DecidedHow = 'rule' | 'model' | 'person'

/** silent: need not know · asked: is being told · linked: knows · ending: is told of the end · unlinked: knows of the end. */
export type ConsentKnows = 'silent' | 'asked' | 'linked' | 'ending' | 'unlinked'

/** One thing that was compared. Never the values: `{ field: 'email', level: 'same', weight: 8.25 }`. */
export interface Evidence {
  readonly field: string
  readonly level: string
  /** log2 of the Bayes factor; null: a rule asks for it, and does not weigh. */
  readonly weight: number | null
}

/** Of one field of a person: which record won, by which rule. Never the values, which no merge changes. */
export interface FieldOutcome {
  /** As `Customer` calls it. */
  readonly field: string
  readonly rule: string
  /** The record whose value the person has from then on. */
  readonly won: number
  /** The record whose value the other one had until then; null: none. */
  readonly lost: number | null
}

/** Which record a field of a person is taken from again. */
export interface FieldTaken {
  readonly field: string
  readonly rule: string
  /** Their oldest record. */
  readonly person: number
  readonly record: number
}

/** Takes back one merge decision. To take back an unmerge, the records are merged anew. */
export interface UnmergeDecision {
  readonly decisionId: string
  readonly position: number
  readonly actor: string
  readonly at: number
  readonly reason: string | null
  /** What each of the people who were parted has from then on; none: they stayed one. Null: from before that was kept. */
  readonly fields: readonly FieldTaken[] | null
}

/** "Never the same": no rule and no model may make the two one person's, directly or through others. */
export interface Separation {
  readonly decisionId: string
  readonly position: number
  readonly a: number
  readonly b: number
  readonly actor: string
  readonly at: number
  readonly reason: string | null
}

/** Two records that may be one person's: somebody has to look. */
export interface PossibleMatch {
  readonly matchId: string
  readonly position: number
  readonly a: number
  readonly b: number
  readonly how: 'rule' | 'model'
  readonly by: string
  readonly evidence: readonly Evidence[]
  readonly prior: number | null
  readonly probability: number | null
  readonly at: number
  /** Null: still open. Decided once and never again. */
  readonly decided: MatchVerdict | null
}

export interface MatchVerdict {
  readonly verdict: 'merged' | 'separated'
  /** The merge decision or the separation. */
  readonly decisionId: string
  readonly actor: string
  readonly at: number
}

/** A record as a node of the graph: nothing of what it says. */
export interface RecordNode {
  /** Counted up as records come; the oldest record of a person gives the person its pid. */
  readonly id: number
  /** `recordKey`; null when the record is gone. */
  readonly key: string | null
  /** The pid it is the seed of: this person's, should the record stand alone. */
  readonly seed: string
  /** The pid of the person it belongs to; of a record that is gone, where its own pid leads; null: nowhere. */
  readonly pid: string | null
  /** Whether `seed` ever was a person's pid, so that somebody may know it. */
  readonly wasPerson: boolean
  readonly since: number
  readonly goneAt: number | null
  /** Of a record that is gone: the decision through which its pid leads on. */
  readonly heirBy: string | null
}

/** Something that consumers of pids have to hear of. */
export interface IdentityChange {
  readonly id: string
  readonly position: number
  readonly type: 'merged' | 'unmerged' | 'pid_changed' | 'record_deleted' | 'separated'
  readonly decisionId: string | null
  readonly at: number
  /** Pids before, oldest first, and after. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}

export const isGone = (node: Pick<RecordNode, 'goneAt'>): boolean => node.goneAt !== null
