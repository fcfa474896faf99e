import { inForceAmong } from './components.ts'
import { type FieldTaken, type MergeDecision, type RecordNode, isGone } from './decision.ts'
import { fieldsOf } from './field-outcomes.ts'
import type { GraphReader, RecordFacts } from './graph-port.ts'
import { type Regrouped, neighbourhoodOf, regrouping } from './regroup.ts'
import { undoable } from './unmerge-records.ts'
import { shortestPath } from './why-same-person.ts'

/** What taking back a merge changes. */
export interface UnmergePlan extends Regrouped {
  readonly merge: MergeDecision
  /** Every record of the people concerned. */
  readonly nodes: readonly RecordNode[]
  /** The people of afterwards; one alone: other decisions hold them together. */
  readonly parts: readonly Part[]
  /** The shortest way of decisions that holds the two records together without this one; empty when they part. */
  readonly heldBy: readonly MergeDecision[]
  /** Pids somebody may know that lead to another person afterwards. */
  readonly redirects: readonly Redirect[]
  /** What is on both sides, so that no side alone can be given it: each keeps what its own records say. */
  readonly shared: readonly SharedFact[]
}

export interface Part {
  readonly pid: string
  readonly records: readonly RecordNode[]
  /** Tokens never leave: each identifier by its kind and the records that carry it. */
  readonly identifiers: readonly Carried[]
  readonly households: readonly Carried[]
  readonly accounts: readonly Carried[]
  readonly devices: readonly Carried[]
  /** Which record each field is taken from; null: of a record it is not known which it has. */
  readonly fields: readonly FieldTaken[] | null
  /** Pids under which consent may have been given that counts for this person from now on. */
  readonly consentPids: readonly string[]
}

export interface Carried {
  readonly kind: string
  readonly records: readonly RecordNode[]
}

export interface Redirect {
  readonly pid: string
  readonly from: string | null
  readonly to: string | null
}

export interface SharedFact {
  readonly kind: string
  readonly pids: readonly string[]
}

/** Read-only: what `unmergeRecords` would do at this moment, in every detail. */
export async function planUnmerge(graph: GraphReader, decisionId: string): Promise<UnmergePlan> {
  const merge = await undoable(graph, decisionId)
  const { nodes, merges } = await neighbourhoodOf(graph, [merge.a, merge.b])
  const rest = merges.filter((one) => one.decisionId !== decisionId)
  const change = regrouping({ nodes, merges: rest })
  const ownerOf = new Map(nodes.map((node) => [node.id, node.pid]))
  for (const { record, to } of change.moved) ownerOf.set(record.id, to)
  const facts = new Map((await graph.facts(nodes.map(({ id }) => id))).map((one) => [one.id, one]))
  const parts = change.to.map((pid) =>
    partOf(
      pid,
      nodes.filter(({ id }) => ownerOf.get(id) === pid),
      facts,
    ),
  )
  const moment = { pid: null, nodes, merges: inForceAmong(nodes, rest) }
  return {
    ...change,
    merge,
    nodes,
    parts,
    heldBy: (shortestPath(moment, merge.a, merge.b) ?? []).map(({ decision }) => decision),
    redirects: change.moved
      .filter(({ record }) => record.wasPerson)
      .map(({ record, to }) => ({ pid: record.seed, from: record.pid, to })),
    shared: sharedFacts(parts, facts),
  }
}

type Facts = ReadonlyMap<number, RecordFacts>

function partOf(pid: string, nodes: readonly RecordNode[], facts: Facts): Part {
  const records = nodes.filter((node) => !isGone(node))
  const carried = (read: (facts: RecordFacts) => readonly Fact[]): Carried[] => {
    const found = new Map<string, { kind: string; records: RecordNode[] }>()
    for (const record of records) {
      const own = facts.get(record.id)
      for (const { kind, token } of own === undefined ? [] : read(own)) {
        const one = found.get(token) ?? { kind, records: [] }
        found.set(token, { kind, records: [...one.records, record] })
      }
    }
    return [...found.values()]
  }
  return {
    pid,
    records,
    identifiers: carried(({ identifiers }) => identifiers),
    households: carried(({ household }) => factOf('HOUSEHOLD', household)),
    accounts: carried(({ account }) => factOf('ACCOUNT', account)),
    devices: carried(({ devices }) => devices.map((token) => ({ kind: 'DEVICE', token }))),
    fields: fieldsOf(records.flatMap(({ id }) => facts.get(id) ?? [])),
    consentPids: nodes.filter(({ wasPerson, seed }) => wasPerson || seed === pid).map(({ seed }) => seed),
  }
}

interface Fact {
  readonly kind: string
  readonly token: string
}

const factOf = (kind: string, token: string | null): readonly Fact[] =>
  token === null ? [] : [{ kind, token }]

const allFacts = ({ identifiers, household, account, devices }: RecordFacts): readonly Fact[] => [
  ...identifiers,
  ...factOf('HOUSEHOLD', household),
  ...factOf('ACCOUNT', account),
  ...devices.map((token) => ({ kind: 'DEVICE', token })),
]

function sharedFacts(parts: readonly Part[], facts: Facts): SharedFact[] {
  const found = new Map<string, { kind: string; pids: Set<string> }>()
  for (const { pid, records } of parts)
    for (const { id } of records) {
      const own = facts.get(id)
      for (const { kind, token } of own === undefined ? [] : allFacts(own)) {
        const one = found.get(token) ?? { kind, pids: new Set<string>() }
        one.pids.add(pid)
        found.set(token, one)
      }
    }
  return [...found.values()].flatMap(({ kind, pids }) => (pids.size > 1 ? [{ kind, pids: [...pids] }] : []))
}
