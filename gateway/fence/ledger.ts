import type { DecisionRecords } from '../ports.ts'
import type { Decision } from './decide.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { type RecordHeader, recordsOf } from './record-text.ts'

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

type Decisions = ReadonlyMap<string, Decision>

export const createLedger = (): Ledger => {
  // What was given out and then taken back is two entries: nothing that was decided is ever overwritten here.
  const entries: LedgerEntry[] = []
  let onRecord = 0
  return {
    enter: (entry) => void entries.push(entry),
    isOnRecord: () => onRecord === entries.length,
    decisionsOn: createDecisionsOn(entries),
    takeRecords: (header) => {
      const taken = entries.slice(onRecord)
      onRecord = entries.length
      return recordsOf(header, taken)
    },
  }
}

/**
 * An answer is written in the order in which its objects were found: where one lookup decided, the next object asked about is
 * the next one that was decided. Only where that is not so a table of all objects is made.
 */
const createDecisionsOn = (entries: readonly LedgerEntry[]): Ledger['decisionsOn'] => {
  let next = 0
  let inTable = 0
  let table: Map<object, Decisions> | undefined
  return (object) => {
    const [first] = entries
    if (first === undefined) return undefined
    if (table === undefined && entries.length === 1 && first.items[next]?.object === object) {
      next += 1
      return first.standings[next - 1]?.verdict.decisions
    }
    table ??= new Map()
    for (; inTable < entries.length; inTable += 1) enterAll(table, entries[inTable])
    return table.get(object)
  }
}

const enterAll = (table: Map<object, Decisions>, entry: LedgerEntry | undefined): void => {
  for (const { verdict, items } of entry?.groups ?? [])
    for (const { object } of items) enterObject(table, object, verdict.decisions, entry?.isAgain ?? false)
}

/** Decision maps are shared until a second one has to be added: most objects are decided about once. */
// eslint-disable-next-line max-params -- one entry of a table
const enterObject = (
  table: Map<object, Decisions>,
  object: object,
  decisions: Decisions,
  isAgain: boolean,
): void => {
  const known = table.get(object)
  if (known === undefined || known === decisions) return void table.set(object, decisions)
  const both = new Map([...known, ...decisions])
  // What was denied was not fetched, whatever is allowed by now.
  if (isAgain)
    for (const [coordinate, before] of known) if (before.kind === 'denied') both.set(coordinate, before)
  table.set(object, both)
}
