import type { Answered, History, Register, Statement } from './history.ts'

/** A stale read: what was used of whom, when, and the word it disobeys. */
export interface Stale extends Register {
  readonly rule: Rule
  readonly gateway: string
  readonly at: number
  /** The withdrawal, or the yes that had run out; null where nobody ever said yes. */
  readonly against: Statement | null
}

type Rule =
  /** After a withdrawal was said to be in force, no request that carries that person under that scope leaves. */
  | 'sent after a withdrawal in force'
  /** Nor does an answer that contains the value. */
  | 'answered after a withdrawal in force'
  /** Who knows of a withdrawal, and says so, is not shown what was before it. */
  | 'went back behind the revision of the session'
  /** A value that is shown had a yes at some moment between the request and its answer. */
  | 'shown without a yes'

/**
 * Whether every use of the registers can be explained by an order of the statements that contradicts none of what anybody was
 * told (linearizability, Herlihy and Wing 1990, with the moments at which a withdrawal is said to be in force as its
 * responses). A pure function: it knows of no gateway and no service.
 */
export const checkHistory = ({ statements, requests, answers }: History): readonly Stale[] => {
  const registers = byRegister(statements)
  const of = (used: Register): readonly Statement[] => registers.get(keyOf(used)) ?? []
  const sent = requests.flatMap(({ gateway, at, carried }) =>
    carried.flatMap((used) => {
      const against = disobeyed(of(used), at)
      const rule: Rule = against === null ? 'shown without a yes' : 'sent after a withdrawal in force'
      return against === undefined ? [] : [{ ...used, gateway, at, rule, against }]
    }),
  )
  return [
    ...sent,
    ...answers.flatMap((answer) => answer.shown.flatMap((used) => checked(answer, used, of(used)))),
  ]
}

const byRegister = (statements: readonly Statement[]): ReadonlyMap<string, readonly Statement[]> => {
  const registers = new Map<string, Statement[]>()
  for (const statement of statements) {
    const known = registers.get(keyOf(statement))
    if (known === undefined) registers.set(keyOf(statement), [statement])
    else known.push(statement)
  }
  return registers
}

const keyOf = ({ person, scope }: Register): string => `${person} ${scope}`

const checked = (
  { gateway, end, notBefore }: Answered,
  { person, scope }: Register,
  said: readonly Statement[],
): Stale[] => {
  const found = { person, scope, gateway, at: end }
  const against = disobeyed(said, end)
  if (against === null) return [{ ...found, rule: 'shown without a yes', against }]
  if (against !== undefined) return [{ ...found, rule: 'answered after a withdrawal in force', against }]
  const known = said.find((one) => isKnown(one, notBefore) && !isTakenBack(one, said, end))
  return known === undefined
    ? []
    : [{ ...found, rule: 'went back behind the revision of the session', against: known }]
}

/**
 * Undefined: some yes may be used at this moment. Otherwise the word that forbids the last of them, or null where there is
 * none at all.
 */
const disobeyed = (said: readonly Statement[], at: number): Statement | null | undefined => {
  let against: Statement | null = null
  // The last yes is nearly always the one that was used.
  for (const one of said.toReversed()) {
    if (one.status !== 'given' || one.start >= at) continue
    const over = one.expiresAt <= at ? one : said.find((no) => isInForce(no, at) && isAfter(no, one))
    if (over === undefined) return undefined
    against ??= over
  }
  return against
}

const isInForce = ({ status, effective }: Statement, at: number): boolean =>
  status === 'withdrawn' && effective <= at

/** Certainly, and not only perhaps: by revisions where both are known, else by time. */
const isAfter = (one: Statement, other: Statement): boolean =>
  one.revision !== null && other.revision !== null
    ? isBefore(other.revision, one.revision)
    : one.start > other.end

const isKnown = ({ status, revision }: Statement, notBefore: string | null): boolean =>
  status === 'withdrawn' && revision !== null && notBefore !== null && !isBefore(notBefore, revision)

const isTakenBack = (no: Statement, said: readonly Statement[], at: number): boolean =>
  said.some((yes) => yes.status === 'given' && yes.start < at && !isAfter(no, yes))

/** Revisions are decimal numbers as text. */
const isBefore = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : one.length < other.length
