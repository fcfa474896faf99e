import { GraphQLError, parse, validate } from 'graphql'
import { createMonolith, type Monolith } from './monolith.ts'
import {
  createRandom,
  printOperation,
  randomSelections,
  type Selection,
  smaller,
  VARIABLES,
} from './random-operation.ts'
import { errorPaths } from './run-case.ts'
import { unmarkJson } from './stored-graph.ts'
import type { Suite } from './suite.ts'
import type { TwinWorld } from './twin-world.ts'

/** An operation that a gateway answers otherwise than one server with all the data, made as small as it can be. */
export interface Difference {
  readonly seed: number
  readonly query: string
  readonly wanted: string
  readonly got: string
}

export interface Comparing {
  readonly suite: Suite
  readonly world: TwinWorld
  /** Whether error paths are compared; where a null empties outer places, servers may differ in which of several they tell. */
  readonly withErrors: boolean
}

/** Asks random operations of both, from one seed on; the first that differs, or null. */
export const firstDifference = async (
  comparing: Comparing,
  { seed, operations }: { readonly seed: number; readonly operations: number },
): Promise<Difference | null> => {
  const monolith = createMonolith(comparing.suite)
  const ids = Object.values(comparing.suite.graph.records).flatMap((records) =>
    Object.values(records).flatMap((fields) => (typeof fields['id'] === 'string' ? [fields['id']] : [])),
  )
  for (let index = 0; index < operations; index += 1) {
    const selections = randomSelections(monolith.schema, createRandom(seed + index), ids)
    const found = await compare(comparing, monolith, selections)
    if (found !== null)
      return { seed: seed + index, ...(await shrink(comparing, monolith, selections, found)) }
  }
  return null
}

type Found = Omit<Difference, 'seed'>

const compare = async (
  { world, withErrors }: Comparing,
  monolith: Monolith,
  selections: readonly Selection[],
): Promise<Found | null> => {
  const query = printOperation(selections)
  const document = parse(query)
  if (selections.length === 0 || validate(monolith.schema, document).length > 0) return null
  const truth = await monolith.ask(query, VARIABLES)
  const wanted = JSON.stringify([truth.data, withErrors ? errorPaths(truth.errors) : []])
  const got = await asked(world, query, withErrors)
  return got === wanted ? null : { query, wanted, got }
}

const asked = async (world: TwinWorld, query: string, withErrors: boolean): Promise<string> => {
  try {
    const { data, errors } = await world.ask(query, { variables: { ...VARIABLES } })
    const read: unknown = JSON.parse(unmarkJson(JSON.stringify(data)))
    return JSON.stringify([read, withErrors ? errorPaths(errors) : []])
  } catch (problem) {
    return problem instanceof GraphQLError ? problem.message : String(problem)
  }
}

const MOST_SHRINKING = 300

const shrink = async (
  comparing: Comparing,
  monolith: Monolith,
  selections: readonly Selection[],
  found: Found,
): Promise<Found> => {
  let [smallest, best] = [selections, found]
  for (let tried = 0, shrunk = true; shrunk && tried < MOST_SHRINKING;) {
    shrunk = false
    for (const candidate of smaller(smallest)) {
      tried += 1
      const still = await compare(comparing, monolith, candidate)
      if (still === null) continue
      ;[smallest, best, shrunk] = [candidate, still, true]
      break
    }
  }
  return best
}
