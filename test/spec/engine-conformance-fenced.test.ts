import { describe, expect, it } from 'vitest'
import { fenceSuite } from '../support/conformance/fence-suite.ts'
import { NOT_YET_FENCED } from '../support/conformance/not-yet.ts'
import { errorPaths } from '../support/conformance/run-case.ts'
import { unmarkJson } from '../support/conformance/stored-graph.ts'
import { loadSuites } from '../support/conformance/suite.ts'
import { createTwinWorld } from '../support/conformance/twin-world.ts'

/** Not the graphs that our composer does not make, nor answers in parts. */
const SUITES = loadSuites().filter(
  ({ name, graph }) => graph.composedByHand === undefined && name !== 'deferred',
)
const TWINS = SUITES.flatMap((suite) => {
  const twin = fenceSuite(suite)
  return twin === null ? [] : [{ name: suite.name, suite, twin }]
})

/** What is asked is asked of people now; all of them said yes, so nobody can tell the difference. */
describe.each(TWINS)('Behind the fence, with every consent given, $name', ({ suite, twin }) => {
  const world = createTwinWorld(suite, twin)
  let asked = 0

  it('protects every field of its entities that is no key', () => {
    expect(world.gateway.scopes.size).toBe(1)
  })

  const answered = suite.cases.filter(({ data, needs }) => data !== undefined && needs === undefined)
  for (const one of answered) {
    const isNotYet = NOT_YET_FENCED[suite.name]?.[one.name] !== undefined
    const run = isNotYet ? it.fails : it
    run(`answers the same: ${one.name}`, async () => {
      world.begin(one)
      const { query, variables = {}, operationName } = one
      const named = operationName === undefined ? {} : { operationName }
      const result = await world.ask(query, { variables: { ...variables }, ...named })
      const wanted = one.fenced ?? one
      asked += result.consentCalls.length
      expect(readAgain(result.data)).toBe(JSON.stringify(wanted.data))
      expect(result.withheld).toEqual([])
      expect(errorPaths(result.errors)).toEqual((wanted.errors ?? []).toSorted())
    })
  }

  for (const one of suite.cases.filter(({ events }) => events !== undefined))
    it(`answers the same, event by event: ${one.name}`, async () => {
      world.begin(one)
      const stream = await world.subscribe(one.query, { variables: { ...one.variables } })
      for (const { data, errors = [] } of one.events ?? []) {
        const result = await stream.next()
        asked += result?.consentCalls.length ?? 0
        expect(readAgain(result?.data)).toBe(JSON.stringify(data))
        expect(errorPaths(result?.errors)).toEqual(errors.toSorted())
      }
      expect(await stream.next()).toBeNull()
    })

  it('asked for consent to do so', () => {
    expect(asked).toBeGreaterThan(0)
  })
})

/** As a client reads it that holds numbers as JavaScript does. */
const readAgain = (data: unknown): string => JSON.stringify(JSON.parse(unmarkJson(JSON.stringify(data))))

describe('The twins', () => {
  it('leave out no suite that has an entity with a key that each subgraph knows', () => {
    const without = SUITES.filter(({ name }) => TWINS.every((one) => one.name !== name))
    expect(without.map(({ name }) => name)).toEqual([
      'compound-keys',
      'ids-differ',
      'inputs-differ',
      'key-chain',
      'mutation-order',
      'null-keys',
      'one-subgraph',
      'operation-name',
      'requires-of-another-object',
      'several-keys',
    ])
  })

  it('leave no entity type of theirs open, but where the suite says why', () => {
    for (const { name, suite, twin } of TWINS)
      expect([name, ...twin.open.keys()]).toEqual([name, ...Object.keys(suite.graph.unfenced ?? {})])
  })
})
