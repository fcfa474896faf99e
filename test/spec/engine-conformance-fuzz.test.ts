import { describe, expect, it } from 'vitest'
import { type Difference, firstDifference } from '../support/conformance/differential.ts'
import { fenceSuite } from '../support/conformance/fence-suite.ts'
import { loadSuites } from '../support/conformance/suite.ts'
import { createTwinWorld } from '../support/conformance/twin-world.ts'

/** More, or others: `FUZZ_OPERATIONS=5000 FUZZ_SEED=7 FUZZ_GRAPHS=provides npx vitest run` and this file. */
const OPERATIONS = Number(process.env['FUZZ_OPERATIONS'] ?? 40)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const ONLY = process.env['FUZZ_GRAPHS']?.split(',')

/** Graphs in which nothing keeps a field from every way that leads to it; with those whose nulls empty outer places. */
const GRAPHS = new Map([
  ['conditions', true],
  ['error-paths', true],
  ['deduplication', true],
  ['interface-objects', true],
  ['interface-object-requires', true],
  ['interface-object-arguments', true],
  ['circular-interfaces', true],
  ['reentered-parent', true],
  ['requires-chain', true],
  ['requires-at-any-depth', true],
  ['requires-arguments', true],
  ['requires-in-requires', true],
  ['requires-behind-interface', true],
  ['null-bubbling', false],
])

const SUITES = loadSuites(ONLY ?? [...GRAPHS.keys()]).map((suite) => ({
  name: suite.name,
  suite: { ...suite, graph: { ...suite.graph, only: {} } },
}))

describe.each(SUITES)('Random operations over $name are answered as by one server', ({ name, suite }) => {
  const comparing = { suite, withErrors: GRAPHS.get(name) !== false }
  const run = { seed: SEED, operations: OPERATIONS }

  it('without a fence', async () => {
    const open = { fenced: [], open: new Map<string, string>() }
    const world = createTwinWorld(suite, { ...suite, ...open })
    expect(told(await firstDifference({ ...comparing, world }, run))).toBe('')
  })

  it('with every entity fenced and all consents given', async () => {
    const twin = fenceSuite(suite)
    expect(twin).not.toBeNull()
    if (twin === null) return
    const world = createTwinWorld(suite, twin)
    expect(told(await firstDifference({ ...comparing, world }, run))).toBe('')
  })
})

const told = (difference: Difference | null): string =>
  difference === null
    ? ''
    : `seed ${difference.seed}\n${difference.query}\nwanted ${difference.wanted}\ngot    ${difference.got}`
