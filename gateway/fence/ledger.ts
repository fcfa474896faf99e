import type { DecisionRecord } from '../ports.ts'
import type { Decision } from './decide.ts'

/** What one request was decided to be, kept for the answer (what is withheld from which object) and for the decision log. */
export interface Ledger {
  enter(entry: LedgerEntry): void
  /** Nothing was decided: nobody's protected data was asked for. */
  isEmpty(): boolean
  /** How coordinates of one object of the merged data were decided; undefined when nobody decided any. */
  decisionsOn(object: object): ReadonlyMap<string, Decision> | undefined
  records(header: RecordHeader): DecisionRecord[]
}

export interface LedgerEntry {
  readonly subgraph: string
  readonly item: { readonly object: object; readonly subject: string | null }
  readonly revision: string | null
  readonly decisions: ReadonlyMap<string, Decision>
}

type RecordHeader = Pick<DecisionRecord, 'at' | 'request' | 'client' | 'purpose' | 'supergraph'>

interface Line {
  readonly subject: string
  readonly subgraph: string
  readonly revision: string | null
  decisions: ReadonlyMap<string, Decision>
}

export const createLedger = (): Ledger => {
  const decided = new Map<object, ReadonlyMap<string, Decision>>()
  const lines = new Map<string, Line[]>()
  return {
    enter: (entry) => {
      enterObject(decided, entry)
      enterLine(lines, entry)
    },
    isEmpty: () => lines.size === 0,
    decisionsOn: (object) => decided.get(object),
    records: (header) => [...lines.values()].flat().map((line) => recordOf(header, line)),
  }
}

/** Decision maps are shared until a second one has to be added: most objects and people are decided about once. */
const enterObject = (
  decided: Map<object, ReadonlyMap<string, Decision>>,
  { item, decisions }: LedgerEntry,
): void => {
  const known = decided.get(item.object)
  decided.set(item.object, known === undefined ? decisions : new Map([...known, ...decisions]))
}

/** Decisions are added up, never overwritten: what was given out and then taken back is two lines. */
const enterLine = (
  lines: Map<string, Line[]>,
  { subgraph, item, revision, decisions }: LedgerEntry,
): void => {
  const subject = item.subject ?? '(unknown)'
  const key = `${subgraph} ${subject}`
  const known = lines.get(key)
  const fresh: Line = { subject, subgraph, revision, decisions }
  if (known === undefined) return void lines.set(key, [fresh])
  const line = known.find((one) => agrees(one, fresh))
  if (line === undefined) known.push(fresh)
  else line.decisions = new Map([...line.decisions, ...decisions])
}

const agrees = (line: Line, { revision, decisions }: Line): boolean =>
  line.revision === revision &&
  [...decisions].every(([coordinate, { kind }]) => (line.decisions.get(coordinate)?.kind ?? kind) === kind)

const recordOf = (header: RecordHeader, { subject, subgraph, revision, decisions }: Line): DecisionRecord => {
  const granted: Record<string, readonly string[]> = {}
  const denied: Record<string, string> = {}
  for (const [coordinate, decision] of decisions) {
    if (decision.kind === 'granted') granted[coordinate] = decision.receipts
    else denied[coordinate] = decision.reason
  }
  return { ...header, subject, subgraph, revision, granted, denied }
}
