import { isSatisfied } from '../../directives/requires-scope.ts'
import { scopesOf } from '../../directives/vocabulary.ts'
import { type ClientTerms, clientsOf } from './clients-of.ts'
import type { ClientImpact, DecisionImpact, Finding, Impact, Use } from './finding.ts'
import type { Side } from './side.ts'
import { coordinatesIn } from './used-coordinates.ts'

/** One recorded operation, or how often it was asked. */
export interface RecordedOperation {
  readonly client: string
  readonly operation: string
  readonly document: string
  readonly requests: number
  /** Milliseconds since the epoch; null where it is not told. */
  readonly at: number | null
}

/** A line of a decision log, as far as it matters here. */
export interface RecordedDecision {
  readonly at: number | null
  readonly client: string
  readonly purpose: string
  readonly granted: Readonly<Record<string, readonly string[]>>
  readonly denied: Readonly<Record<string, string>>
  readonly scopes: readonly string[]
  readonly people: readonly (readonly [pid: string, revision: string | null, ...receipts: string[]])[]
}

export interface Usage {
  readonly operations: readonly RecordedOperation[]
  readonly decisions: Iterable<RecordedDecision>
  readonly unreadable: number
  /** ISO 8601; empty for all. And where it begins, in milliseconds since the epoch. */
  readonly period: string
  readonly since: number
  /** What is asked in no greater share of requests than this, in percent, is not taken for used. */
  readonly threshold: number
}

/** Findings with who uses what they are about, and what breaks nobody let pass; and what the change would have done. */
export const judgeByUse = (
  findings: readonly Finding[],
  { base, head }: { readonly base: Side; readonly head: Side },
  usage: Usage,
): { readonly findings: readonly Finding[]; readonly impact: Impact } => {
  const asked = usage.operations.filter(({ at }) => at === null || at >= usage.since)
  const requests = asked.reduce((sum, one) => sum + one.requests, 0)
  const uses = usesOf(base, asked)
  const judged = findings.map((finding) => judge(finding, uses, { requests, usage }))
  const { decisions, people } = replay({ base, head }, usage)
  return {
    findings: judged,
    impact: {
      judgement: judgementOf(usage, requests),
      period: usage.period,
      threshold: usage.threshold,
      requests,
      clients: clientImpact(judged),
      decisions,
      people,
      unreadable: usage.unreadable,
    },
  }
}

const judgementOf = ({ period, threshold }: Usage, requests: number): string =>
  `What breaks is judged by use: ${requests} recorded requests ${period === '' ? 'of any time' : `of the last ${period}`}; what at most ${threshold} % of them ask for counts as unused.`

type Uses = ReadonlyMap<string, readonly Use[]>

const usesOf = ({ graph }: Side, asked: readonly RecordedOperation[]): Uses => {
  const uses = new Map<string, Map<string, { operations: Set<string>; requests: number }>>()
  const known = new Map<string, readonly string[]>()
  for (const { client, operation, document, requests } of asked) {
    const coordinates = known.get(document) ?? (graph === null ? [] : coordinatesIn(graph.schema, document))
    known.set(document, coordinates)
    for (const coordinate of coordinates) {
      const clients = uses.get(coordinate) ?? new Map<string, { operations: Set<string>; requests: number }>()
      const use = clients.get(client) ?? { operations: new Set<string>(), requests: 0 }
      use.operations.add(operation)
      use.requests += requests
      uses.set(coordinate, clients.set(client, use))
    }
  }
  return new Map(
    [...uses].map(([coordinate, clients]) => [
      coordinate,
      [...clients].map(([client, { operations, requests }]) => ({
        client,
        operations: [...operations],
        requests,
      })),
    ]),
  )
}

const JUDGED =
  /^(FIELD|TYPE|ENUM_VALUE|INPUT_FIELD|FIELD_ARGUMENT|UNION_MEMBER)_|^REQUIRED_TO_NULLABLE$|^REMOVED_BEFORE_WINDOW_END$/

/** Without any recorded request nothing is known of use, and nothing is let pass. */
const judge = (
  finding: Finding,
  uses: Uses,
  { requests, usage }: { readonly requests: number; readonly usage: Usage },
): Finding => {
  if (finding.kind !== 'breaking' || !JUDGED.test(finding.code) || requests === 0) return finding
  // Of an argument that must be given from now on, every use of the field is one.
  const coordinate = /ADDED|TYPE_CHANGED/.test(finding.code)
    ? (finding.coordinate.split('(')[0] ?? '')
    : finding.coordinate
  const usedBy = uses.get(coordinate) ?? []
  const share = (100 * usedBy.reduce((sum, use) => sum + use.requests, 0)) / requests
  if (usedBy.length > 0 && share > usage.threshold) return { ...finding, usedBy }
  const { approval: _, ...unused } = finding
  return {
    ...unused,
    level: 'note',
    ...(usedBy.length === 0 ? {} : { usedBy }),
    message: `${finding.message} Not used: ${share.toFixed(2)} % of requests.`,
  }
}

const clientImpact = (findings: readonly Finding[]): ClientImpact[] => {
  const clients = new Map<string, { operations: Set<string>; requests: number; coordinates: Set<string> }>()
  for (const { usedBy = [], coordinate, level } of findings)
    for (const { client, operations, requests } of level === 'note' ? [] : usedBy) {
      const impact = clients.get(client) ?? {
        operations: new Set<string>(),
        requests: 0,
        coordinates: new Set<string>(),
      }
      operations.forEach((one) => impact.operations.add(one))
      impact.coordinates.add(coordinate)
      // One request may ask for several of them: the most of one is the least that is affected.
      impact.requests = Math.max(impact.requests, requests)
      clients.set(client, impact)
    }
  return [...clients]
    .map(([client, { operations, requests, coordinates }]) => ({
      client,
      operations: [...operations].toSorted(),
      requests,
      coordinates: [...coordinates].toSorted(),
    }))
    .toSorted((a, b) => (a.client < b.client ? -1 : 1))
}

type Outcome = 'granted' | 'denied' | 'unknown'

interface Counted {
  readonly client: string
  readonly coordinate: string
  readonly granted: Set<string>
  readonly denied: Set<string>
  readonly unknown: Set<string>
}

/** Decides what was recorded again, by what base and by what head ask, as if everybody had said what they had said then. */
const replay = (
  { base, head }: { readonly base: Side; readonly head: Side },
  { decisions, since }: Usage,
): { readonly decisions: readonly DecisionImpact[]; readonly people: number } => {
  const counts = new Map<string, Counted>()
  const people = new Set<string>()
  const clients = { before: clientsOf(base).clients, after: clientsOf(head).clients }
  const again = (asked: Asked): void => {
    const { record, coordinate, person } = asked
    const after = decide(head, clients.after, asked)
    if (decide(base, clients.before, asked) === after) return
    const key = `${record.client} ${coordinate}`
    const count = counts.get(key) ?? {
      client: record.client,
      coordinate,
      granted: new Set<string>(),
      denied: new Set<string>(),
      unknown: new Set<string>(),
    }
    counts.set(key, count)
    count[after].add(person[0])
    people.add(person[0])
  }
  for (const record of decisions)
    if (record.at === null || record.at >= since) for (const asked of askedIn(record)) again(asked)
  const told = [...counts.values()].map(({ client, coordinate, granted, denied, unknown }) => ({
    client,
    coordinate,
    wouldBeGranted: granted.size,
    wouldBeDenied: denied.size,
    cannotBeTold: unknown.size,
  }))
  return {
    decisions: told.toSorted((a, b) =>
      `${a.client} ${a.coordinate}` < `${b.client} ${b.coordinate}` ? -1 : 1,
    ),
    people: people.size,
  }
}

const askedIn = (record: RecordedDecision): Asked[] =>
  [...Object.keys(record.granted), ...Object.keys(record.denied)].flatMap((coordinate) =>
    record.people.map((person) => ({ record, coordinate, person })),
  )

interface Asked {
  readonly record: RecordedDecision
  readonly coordinate: string
  readonly person: RecordedDecision['people'][number]
}

/** A scope the record does not list was not asked about, so what it would have been cannot be told. */
const decide = (
  { graph, vocabulary }: Side,
  clients: ReadonlyMap<string, ClientTerms>,
  { record, coordinate, person }: Asked,
): Outcome => {
  const clauses = graph?.protection.protections.get(coordinate)?.clauses
  const [type = '', field = ''] = coordinate.split('.')
  if (graph === null || !(graph.supergraph.types.get(type)?.fields.has(field) ?? false)) return 'denied'
  if (clauses === undefined) return 'granted'
  const terms = clients.get(record.client)
  const usable = scopesOf(vocabulary, record.purpose)
  const may = (scope: string): boolean =>
    terms === undefined || (usable.has(scope) && terms.scopes.includes(scope))
  const [, , ...receipts] = person
  const given = record.scopes.filter((scope, index) => (receipts[index] ?? '') !== '' && may(scope))
  const open = clauses
    .flatMap(({ anyOf }) => anyOf.flat())
    .filter((scope) => !record.scopes.includes(scope) && may(scope))
  const holds = (scopes: readonly string[]): boolean =>
    clauses.every(({ anyOf }) => isSatisfied(anyOf, new Set(scopes)))
  if (holds(given)) return 'granted'
  return holds([...given, ...open]) ? 'unknown' : 'denied'
}
