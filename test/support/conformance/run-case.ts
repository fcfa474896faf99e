import { representationsIn, type Sent } from './subgraph-host.ts'
import { sortedJson } from './stored-graph.ts'
import { assembled, eventsIn } from './read-parts.ts'
import type { Case, Fields } from './suite.ts'

export interface Answered {
  readonly status: number
  readonly text: string
}

/** What a gateway gave back, as a suite says it. */
export interface Outcome {
  readonly status: number
  /** Undefined when the answer has none. */
  readonly data: unknown
  readonly errors: readonly string[]
  readonly calls: Readonly<Record<string, number>>
  readonly representations: Readonly<Record<string, number>>
}

export const outcomeOf = ({ status, text }: Answered, sent: readonly Sent[]): Outcome => {
  const body = (assembled(text) ?? parseJson(text)) as { data?: unknown; errors?: { path?: unknown }[] }
  return {
    status,
    data: body.data,
    errors: errorPaths(body.errors),
    calls: counted(sent, () => 1),
    representations: counted(sent, ({ representations }) => representations.length),
  }
}

/** Everything in which an answer is not what the case says; empty when it is. */
export const judge = (one: Case, answered: Answered, sent: readonly Sent[]): string[] => {
  const outcome = outcomeOf(answered, sent)
  return [
    ...differs(
      'status',
      one.status ?? (one.data === undefined && one.events === undefined ? 400 : 200),
      outcome.status,
    ),
    ...(one.events === undefined ? answerDiffers(one, outcome) : eventsDiffer(one.events, answered.text)),
    ...exceeds('requests', one.calls, outcome.calls),
    ...exceeds('representations', one.representations, outcome.representations),
    ...missent(one, sent),
    ...(one.contains ?? [])
      .filter((text) => !answered.text.includes(text))
      .map((text) => `the answer does not contain ${text}`),
    ...[...(one.lacks ?? []), 'SUBGRAPH_SECRET']
      .filter((text) => answered.text.includes(text))
      .map((text) => `the answer contains ${text}`),
  ]
}

const answerDiffers = (one: Case, outcome: Outcome): string[] => [
  ...(one.data === undefined && one.status === 200 ? [] : dataDiffers(one, outcome.data)),
  ...differs('error paths', (one.errors ?? []).toSorted(), outcome.errors),
]

/** Parts that come later stand behind what was there, so then the order of keys does not count. */
const dataDiffers = ({ data, needs = [] }: Case, got: unknown): string[] =>
  needs.includes('defer')
    ? differs('data', JSON.parse(sortedJson(data)), JSON.parse(sortedJson(got ?? null)))
    : differs('data', data, got)

const eventsDiffer = (wanted: NonNullable<Case['events']>, text: string): string[] =>
  differs(
    'events',
    wanted.map(({ data, errors = [] }) => [data, errors]),
    eventsIn(text).map(({ data, errors }) => [data, errorPaths(errors)]),
  )

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

export const errorPaths = (errors: readonly { readonly path?: unknown }[] = []): string[] =>
  errors.map(({ path }) => (Array.isArray(path) && path.length > 0 ? path.join('.') : '-')).toSorted()

const counted = (sent: readonly Sent[], weigh: (one: Sent) => number): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const one of sent) if (weigh(one) > 0) counts[one.subgraph] = (counts[one.subgraph] ?? 0) + weigh(one)
  return counts
}

/** Texts are compared, so the order of keys counts. */
const differs = (what: string, wanted: unknown, got: unknown): string[] => {
  const [left, right] = [JSON.stringify(wanted), JSON.stringify(got)]
  return left === right ? [] : [`${what}: wanted ${left}, got ${right}`]
}

const exceeds = (
  what: string,
  most: Readonly<Record<string, number>> | undefined,
  got: Readonly<Record<string, number>>,
): string[] =>
  most === undefined
    ? []
    : Object.entries(got)
        .filter(([subgraph, count]) => count > (most[subgraph] ?? 0))
        .map(([subgraph, count]) => `${what} to ${subgraph}: at most ${most[subgraph] ?? 0}, got ${count}`)

const missent = ({ sent: wanted = {} }: Case, sent: readonly Sent[]): string[] =>
  Object.entries(wanted).flatMap(([subgraph, representations]) =>
    differs(
      `sent to ${subgraph}`,
      representations.map(sortedJson).toSorted(),
      sent
        .filter((one) => one.subgraph === subgraph)
        .flatMap(({ query, variables }: { query: string; variables: Fields }) =>
          representationsIn(query, variables),
        )
        .map(sortedJson)
        .toSorted(),
    ),
  )
