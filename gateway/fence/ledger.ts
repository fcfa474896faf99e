import { quoted } from '../json-writer.ts'
import type { ConsentState, DecisionRecord, DecisionRecords } from '../ports.ts'
import type { Decision } from './decide.ts'
import type { Standing } from './standing.ts'
import type { Verdict } from './verdict.ts'

/** What one request was decided to be, kept for the answer (what is withheld from which object) and for the decision log. */
export interface Ledger {
  enter(entry: LedgerEntry): void
  /** Nothing was decided that is not on record yet. */
  isOnRecord(): boolean
  /** How coordinates of one object of the merged data were decided; undefined when nobody decided any. */
  decisionsOn(object: object): Decisions | undefined
  /** What was decided since the last time. */
  takeRecords(header: RecordHeader): DecisionRecords
}

/** One decision of one lookup, about all those who gave the same answers. */
export interface LedgerEntry {
  readonly subgraph: string
  readonly verdict: Verdict
  readonly items: readonly Decided[]
  /** How each of them stands. */
  readonly standings: readonly Standing[]
  /** True where it was decided before, and something has changed since: nothing is granted that was not. */
  readonly isAgain: boolean
}

interface Decided {
  readonly object: object
  readonly subject: string | null
}

type Decisions = ReadonlyMap<string, Decision>

export type RecordHeader = Pick<
  DecisionRecord,
  'at' | 'request' | 'client' | 'purpose' | 'supergraph' | 'region' | 'brand'
>

export const createLedger = (): Ledger => {
  const decided = new Map<object, Decisions>()
  // What was given out and then taken back is two entries: nothing that was decided is ever overwritten here.
  let entries: LedgerEntry[] = []
  return {
    enter: (entry) => {
      entries.push(entry)
      for (const { object } of entry.items) enterObject(decided, object, entry)
    },
    isOnRecord: () => entries.length === 0,
    decisionsOn: (object) => decided.get(object),
    takeRecords: (header) => {
      const records = recordsOf(header, entries)
      entries = []
      return records
    },
  }
}

/** Decision maps are shared until a second one has to be added: most objects are decided about once. */
const enterObject = (
  decided: Map<object, Decisions>,
  object: object,
  { verdict: { decisions }, isAgain }: LedgerEntry,
): void => {
  const known = decided.get(object)
  if (known === undefined || known === decisions) return void decided.set(object, decisions)
  const both = new Map([...known, ...decisions])
  // What was denied was not fetched, whatever is allowed by now.
  if (isAgain)
    for (const [coordinate, before] of known) if (before.kind === 'denied') both.set(coordinate, before)
  decided.set(object, both)
}

const recordsOf = (header: RecordHeader, entries: readonly LedgerEntry[]): DecisionRecords => ({
  length: entries.reduce((sum, { items }) => sum + items.length, 0),
  *[Symbol.iterator]() {
    for (const line of linesOf(header, entries)) yield JSON.parse(line) as DecisionRecord
  },
  lines() {
    let text = ''
    for (const line of linesOf(header, entries)) text += `${line}\n`
    return text
  },
})

/** Written without making each record first: people are many, and what is said of all of them is written once. */
const linesOf = (header: RecordHeader, entries: readonly LedgerEntry[]): string[] => {
  const head = headText(header)
  const [only] = entries
  // Nearly always there is one: nothing has to be compared.
  if (only !== undefined && entries.length === 1) return [lineOf(beginningOf(head, only), entries)]
  const lines = new Map<string, LedgerEntry[]>()
  for (const entry of entries) {
    const line = beginningOf(head, entry)
    const known = lines.get(line)
    if (known === undefined) lines.set(line, [entry])
    else known.push(entry)
  }
  return [...lines].map(([line, alike]) => lineOf(line, alike))
}

/** Callers of one kind come one after the other: what is said of them is written when it changes. */
const headText = ({ at, request, ...rest }: RecordHeader): string =>
  `{"at":${quoted(at)},"request":${quoted(request)},${restText(rest)}`

type Rest = Omit<RecordHeader, 'at' | 'request'>

let latestRest: Rest = { client: '', purpose: '', supergraph: '' }
let latestText = ''

const restText = (rest: Rest): string => {
  const { client, purpose, supergraph, region, brand } = latestRest
  const isSame =
    latestText !== '' &&
    rest.client === client &&
    rest.purpose === purpose &&
    rest.supergraph === supergraph &&
    rest.region === region &&
    rest.brand === brand
  if (!isSame) {
    latestRest = rest
    latestText = JSON.stringify(rest).slice(1, -1)
  }
  return latestText
}

const beginningOf = (head: string, entry: LedgerEntry): string =>
  `${head},"subgraph":${quoted(entry.subgraph)},${policyText(entry)}${basisOf(entry.verdict).text}`

const lineOf = (beginning: string, alike: readonly LedgerEntry[]): string =>
  `${beginning},"people":[${peopleText(alike)}]}`

/** One bundle holds for everybody who is asked about in one question. */
const policyText = ({ standings }: LedgerEntry): string => {
  const policy = standings.find(({ state }) => state !== null)?.state?.policy
  return policy === undefined ? '' : `"policy":${quoted(policy)},`
}

/** What a verdict says of everybody it is about, written once a verdict. */
interface Basis {
  readonly text: string
  /** Scopes that anything granted rests on. */
  readonly scopes: readonly string[]
}

const bases = new WeakMap<Verdict, Basis>()

const basisOf = (verdict: Verdict): Basis => {
  const known = bases.get(verdict)
  if (known !== undefined) return known
  const granted: Record<string, readonly string[]> = {}
  const denied: Record<string, string> = {}
  for (const [coordinate, decision] of verdict.decisions)
    if (decision.kind === 'granted') granted[coordinate] = decision.scopes
    else denied[coordinate] = decision.reason
  const scopes = [...new Set(Object.values(granted).flat())]
  const basis = { scopes, text: JSON.stringify({ granted, denied, scopes }).slice(1, -1) }
  bases.set(verdict, basis)
  return basis
}

/** Each person once: who, at which revision of their consent, by which receipts. */
const peopleText = (entries: readonly LedgerEntry[]): string => {
  const told = createTold(entries.length === 1)
  const people: string[] = []
  for (const { verdict, items, standings } of entries) {
    const { scopes } = basisOf(verdict)
    for (let index = 0; index < items.length; index += 1) {
      const standing = standings[index]
      const subject = items[index]?.subject ?? null
      if (standing === undefined || told(standing, subject)) continue
      people.push(
        standing.state === null
          ? unaskedText(subject)
          : (standing.text ??= personText(standing.state, scopes)),
      )
    }
  }
  return people.join(',')
}

/**
 * Whether a person is in this list already. Who was decided about at one moment and is known beyond the request has one
 * standing, which remembers the list; all others are told apart by what is known of them.
 */
const createTold = (isOneEntry: boolean): ((standing: Standing, subject: string | null) => boolean) => {
  const told = new Set<ConsentState | string | null>()
  lists += 1
  const list = lists
  return (standing, subject) => {
    if (isOneEntry && standing.toldIn !== null) {
      if (standing.toldIn === list) return true
      standing.toldIn = list
      return false
    }
    const who = standing.state ?? subject
    if (told.has(who)) return true
    told.add(who)
    return false
  }
}

let lists = 0

const unaskedText = (subject: string | null): string => `[${quoted(subject ?? '(unknown)')},null]`

/** Written whole: a text that is put together stays in its parts, which are gone through each time it is written. */
const personText = ({ subject, revision, scopes: said }: ConsentState, scopes: readonly string[]): string =>
  JSON.stringify([subject, revision, ...scopes.map((scope) => said.get(scope)?.receipt ?? '')])
