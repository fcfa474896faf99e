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
  const of = (used: Register): Said => registers.get(keyOf(used)) ?? NOTHING_SAID
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

/** What was said of one register. */
interface Said {
  /** The last first: it is nearly always the one that was used. */
  readonly yeses: readonly Statement[]
  readonly noes: readonly Statement[]
}

const NOTHING_SAID: Said = { yeses: [], noes: [] }

const byRegister = (statements: readonly Statement[]): ReadonlyMap<string, Said> => {
  const registers = new Map<string, { yeses: Statement[]; noes: Statement[] }>()
  for (const statement of statements) {
    const said = registers.get(keyOf(statement)) ?? { yeses: [], noes: [] }
    registers.set(keyOf(statement), said)
    if (statement.status === 'given') said.yeses.push(statement)
    else said.noes.push(statement)
  }
  for (const { yeses } of registers.values()) yeses.reverse()
  return registers
}

const keyOf = ({ person, scope }: Register): string => `${person} ${scope}`

const checked = ({ gateway, end, notBefore }: Answered, { person, scope }: Register, said: Said): Stale[] => {
  const found = { person, scope, gateway, at: end }
  const against = disobeyed(said, end)
  if (against === null) return [{ ...found, rule: 'shown without a yes', against }]
  if (against !== undefined) return [{ ...found, rule: 'answered after a withdrawal in force', against }]
  const known =
    notBefore === null
      ? undefined
      : said.noes.find((no) => isKnown(no, notBefore) && !isTakenBack(no, said, end))
  return known === undefined
    ? []
    : [{ ...found, rule: 'went back behind the revision of the session', against: known }]
}

/**
 * Undefined: some yes may be used at this moment. Otherwise the word that forbids the last of them, or null where there is
 * none at all.
 */
const disobeyed = ({ yeses, noes }: Said, at: number): Statement | null | undefined => {
  let against: Statement | null = null
  for (const one of yeses) {
    if (one.start >= at) continue
    const over = one.expiresAt <= at ? one : noes.find((no) => no.effective <= at && isAfter(no, one))
    if (over === undefined) return undefined
    against ??= over
  }
  return against
}

/** Certainly, and not only perhaps: by revisions where both are known, else by time. */
const isAfter = (one: Statement, other: Statement): boolean =>
  one.revision !== null && other.revision !== null
    ? isBefore(other.revision, one.revision)
    : one.start > other.end

const isKnown = ({ revision }: Statement, notBefore: string): boolean =>
  revision !== null && !isBefore(notBefore, revision)

const isTakenBack = (no: Statement, { yeses }: Said, at: number): boolean =>
  yeses.some((yes) => yes.start < at && !isAfter(no, yes))

/** Revisions are decimal numbers as text. */
const isBefore = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : one.length < other.length
