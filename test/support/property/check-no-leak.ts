import { isDeepStrictEqual } from 'node:util'
import type { Asked } from '../world.ts'
import type { Operation } from './operation.ts'
import { CANARY } from './property-graph.ts'
import type { PropertyWorld } from './property-world.ts'
import { isGranted, refer, type ReferenceAnswer, type Situation } from './reference.ts'

export interface Case {
  readonly operation: Operation
  readonly situation: Situation
  /** Whether the subgraphs check grants, too; the gateway alone must hold. */
  readonly guarded: boolean
}

/** Asks the gateway and the reference, and names everything in which they differ. Values stay out of the words: coordinates only. */
export const checkNoLeak = async (
  world: PropertyWorld,
  { operation, situation, guarded }: Case,
): Promise<string[]> => {
  world.now.situation = situation
  world.now.touched = []
  const { query, variables } = operation
  const asked = await (guarded ? world.guarded : world.unguarded).ask(query, {
    scopes: situation.scopes,
    variables,
  })
  // Told as an answer of null; nothing may have been sent for it.
  const unplanned = asked.errors?.find(({ extensions }) => extensions['code'] === 'PLAN_FAILED')
  if (unplanned !== undefined && asked.data === null && asked.sent.length === 0) throw unplanned
  const touched = world.now.touched
  const expected = refer(query, variables, {
    graph: world.graph,
    requirements: world.requirements,
    schema: world.guarded.gateway.apiSchema,
    situation,
  })
  const isDenied: IsDenied = ({ whose, coordinate }) =>
    !isGranted(coordinate, world.graph.people.get(whose) ?? null, {
      requirements: world.requirements,
      situation,
    })
  const { sent, data, errors, extensions, records } = asked
  const wire = sent.map((one) => [one.document, one.variables, one.response])
  return [
    ...canariesIn([data, errors, extensions, records], isDenied).map((one) => `SHOWN ${one}`),
    ...canariesIn(wire, isDenied).map((one) => `LEAK ${one}`),
    ...touched
      .filter((one) => one.whose !== world.graph.anonymous.whose && isDenied(one))
      .map(({ whose, coordinate }) => `ASKED ${coordinate} of ${whose}`),
    ...handedOnInVain(asked, world, isDenied),
    ...differences(asked, expected, world),
    ...(query.startsWith('mutation') ? [] : askedTwice(asked)),
  ]
}

type IsDenied = (one: { whose: string; coordinate: string }) => boolean

/** Values that were not granted, in the answer or in what left for a subgraph and came back. */
const canariesIn = (where: unknown, isDenied: IsDenied): string[] => {
  const found = [...JSON.stringify(where).matchAll(CANARY)]
    .map(([, whose = '', coordinate = '']) => ({ whose, coordinate }))
    .filter(isDenied)
  return [...new Set(found.map(({ whose, coordinate }) => `${coordinate} of ${whose}`))]
}

/** A protected input travels only where a granted field that is computed from it is asked for in the same request. */
const handedOnInVain = ({ sent }: Asked, { requirements }: PropertyWorld, isDenied: IsDenied): string[] =>
  sent.flatMap(({ subgraph, document, variables }) =>
    [...JSON.stringify(variables).matchAll(CANARY)].flatMap(([, whose = '', coordinate = '']) => {
      const dependents = requirements.inputs.get(coordinate)?.get(subgraph) ?? []
      const isNeeded = dependents.some(
        (dependent) =>
          !isDenied({ whose, coordinate: dependent }) &&
          new RegExp(`\\b${dependent.slice(dependent.indexOf('.') + 1)}\\b`).test(document),
      )
      return isNeeded || !requirements.inputs.has(coordinate)
        ? []
        : [`HANDED ON ${coordinate} of ${whose} to ${subgraph}`]
    }),
  )

const differences = (asked: Asked, { result, withheld }: ReferenceAnswer, world: PropertyWorld): string[] => {
  const problems: string[] = []
  const [got, wanted] = [JSON.stringify(asked.data), JSON.stringify(result.data)]
  if (got !== wanted) problems.push(`DATA got ${got} wanted ${wanted}`)
  const told = pathsOf(asked.errors)
  const expectedPaths = pathsOf(result.errors)
  if (!isDeepStrictEqual(told, expectedPaths))
    problems.push(`ERRORS got ${told.join()} wanted ${expectedPaths.join()}`)
  for (const error of asked.errors ?? [])
    if (!EXPECTED_CODES.has(String(error.extensions['code'])))
      problems.push(`ERROR ${String(error.extensions['code'])}`)
  const fold = (coordinate: string) => world.requirements.interfaceObjectFields.get(coordinate) ?? coordinate
  const [gotCounts, wantedCounts] = [counts(reported(asked), fold), counts([...withheld], fold)]
  if (gotCounts !== wantedCounts) problems.push(`WITHHELD got ${gotCounts} wanted ${wantedCounts}`)
  return problems
}

const EXPECTED_CODES = new Set(['WITHHELD', 'NON_NULL'])

const pathsOf = (
  errors: readonly { readonly path?: readonly (string | number)[] | undefined }[] | undefined,
): string[] => (errors ?? []).map(({ path }) => (path ?? []).join('.')).toSorted()

const reported = ({ extensions }: Asked): [string, number][] => {
  const consent = extensions?.['consent'] as { withheld: { coordinate: string; count: number }[] } | undefined
  return (consent?.withheld ?? []).map(({ coordinate, count }) => [coordinate, count])
}

const counts = (
  entries: readonly (readonly [string, number])[],
  fold: (coordinate: string) => string,
): string => {
  const totals = new Map<string, number>()
  for (const [coordinate, count] of entries)
    totals.set(fold(coordinate), (totals.get(fold(coordinate)) ?? 0) + count)
  return [...totals]
    .map(([coordinate, count]) => `${coordinate}×${count}`)
    .toSorted()
    .join(' ')
}

const askedTwice = ({ consentCalls }: Asked): string[] => {
  const all = consentCalls.flat()
  return all.length === new Set(all).size ? [] : ['CONSENT asked twice for one person']
}
