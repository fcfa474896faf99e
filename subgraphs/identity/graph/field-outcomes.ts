import { type FieldOutcome, type FieldTaken, isGone, type RecordNode } from './decision.ts'
import type { GraphReader, RecordFacts } from './graph-port.ts'

/** A field of a person is that of the oldest record which has a value. Another rule is another version. */
const RULE = 'oldest-record@1'

type Said = Pick<RecordFacts, 'id' | 'says'>

/** Which record each field of a person is taken from. */
type Taken = ReadonlyMap<string, number>

/** Null: of a record it is not known what it says. */
function takenFrom(records: readonly Said[]): Taken | null {
  const taken = new Map<string, number>()
  for (const { id, says } of records) {
    if (says === null) return null
    give(taken, says, id)
  }
  return taken
}

/** What nobody older has a value of is taken from this record. */
function give(taken: Map<string, number>, says: readonly string[], id: number): void {
  for (const field of says) if (!taken.has(field)) taken.set(field, id)
}

/** What becomes of each field when these two are one. */
const outcomesOf = (ours: Taken, theirs: Taken): readonly FieldOutcome[] =>
  [...new Set([...ours.keys(), ...theirs.keys()])].toSorted().map((field) => {
    const records = [ours.get(field) ?? Infinity, theirs.get(field) ?? Infinity]
    const lost = Math.max(...records)
    return { field, rule: RULE, won: Math.min(...records), lost: lost === Infinity ? null : lost }
  })

/** Of the two people whom these records belong to; none where they are one person already. */
export async function fieldsOfMerge(
  graph: GraphReader,
  a: RecordNode,
  b: RecordNode,
): Promise<readonly FieldOutcome[] | null> {
  if (a.pid === b.pid) return []
  const people = await peopleOf(graph, [a.pid ?? '', b.pid ?? ''])
  const [ours, theirs] = [...people.values()].map(takenFrom)
  return ours == null || theirs == null ? null : outcomesOf(ours, theirs)
}

/** Of records that have joined people as they came, by their numbers: all that was there before is older. */
export async function fieldsOfJoins(
  graph: GraphReader,
  joined: readonly RecordNode[],
): Promise<ReadonlyMap<number, readonly FieldOutcome[] | null>> {
  const ids = new Set(joined.map(({ id }) => id))
  const outcomes = new Map<number, readonly FieldOutcome[] | null>()
  const people = await peopleOf(graph, [...new Set(joined.flatMap(({ pid }) => pid ?? []))])
  for (const records of people.values()) {
    let isKnown = true
    const taken = new Map<string, number>()
    for (const { id, says } of records) {
      isKnown &&= says !== null
      const own = new Map((says ?? []).map((field) => [field, id]))
      if (ids.has(id)) outcomes.set(id, isKnown ? outcomesOf(taken, own) : null)
      give(taken, [...own.keys()], id)
    }
  }
  return outcomes
}

/** Which record each field of these people is taken from by now. */
export async function fieldsOfPeople(
  graph: GraphReader,
  pids: readonly string[],
): Promise<readonly FieldTaken[] | null> {
  const fields = [...(await peopleOf(graph, pids)).values()].map(fieldsOf)
  return fields.some((one) => one === null) ? null : fields.flatMap((one) => one ?? [])
}

/** The same of the one person whose records these are, the oldest first. */
export function fieldsOf(records: readonly Said[]): readonly FieldTaken[] | null {
  const taken = takenFrom(records)
  const person = records[0]?.id ?? 0
  return taken === null
    ? null
    : [...taken.keys()].toSorted().map((field) => ({
        field,
        rule: RULE,
        person,
        record: taken.get(field) ?? person,
      }))
}

/** The records that are there, the oldest first, by pid in the order of the pids. */
async function peopleOf(
  graph: GraphReader,
  pids: readonly string[],
): Promise<ReadonlyMap<string, readonly Said[]>> {
  const members = (await graph.members(pids)).filter((node) => !isGone(node))
  const facts = new Map((await graph.facts(members.map(({ id }) => id))).map((one) => [one.id, one]))
  return new Map(
    pids.map((pid) => [pid, members.flatMap((node) => (node.pid === pid ? (facts.get(node.id) ?? []) : []))]),
  )
}
