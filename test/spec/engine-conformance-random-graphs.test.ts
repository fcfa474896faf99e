import { describe, expect, it } from 'vitest'
import { firstDifference } from '../support/conformance/differential.ts'
import { fenceSuite } from '../support/conformance/fence-suite.ts'
import { randomGraph } from '../support/conformance/random-graph.ts'
import type { Suite } from '../support/conformance/suite.ts'
import { createTwinWorld } from '../support/conformance/twin-world.ts'

/** More, or others: `FUZZ_GRAPH_COUNT=500 FUZZ_SEED=700 npx vitest run` and this file. */
const GRAPHS = Number(process.env['FUZZ_GRAPH_COUNT'] ?? 16)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const OPERATIONS = 15

const SUITES = Array.from({ length: GRAPHS }, (_, index) => randomGraph(SEED + index)).filter(
  (suite) => suite !== null,
)

const readsOthers = ({ subgraphs }: Suite): boolean =>
  subgraphs.some(({ sdl }) => /@requires\(fields: "[^"]*\{/.test(sdl))

describe('Random graphs', () => {
  it('compose, all but a few', () => {
    expect(SUITES.length).toBeGreaterThan(GRAPHS * 0.8)
  })

  it.each(SUITES)('answer as one server: $name', async (suite) => {
    const comparing = { suite, withErrors: true }
    const run = { seed: SEED, operations: OPERATIONS }
    const open = { fenced: [], open: new Map<string, string>() }
    const world = createTwinWorld(suite, { ...suite, ...open })
    expect(await firstDifference({ ...comparing, world }, run)).toBeNull()
    // A protected input of another person is refused when a graph is composed.
    const twin = readsOthers(suite) ? null : fenceSuite(suite)
    if (twin === null) return
    expect(await firstDifference({ ...comparing, world: createTwinWorld(suite, twin) }, run)).toBeNull()
  })
})
