import { describe, expect, it } from 'vitest'
import { firstDifference } from '../support/conformance/differential.ts'
import { fenceSuite, type Twin } from '../support/conformance/fence-suite.ts'
import { randomFederation } from '../support/conformance/random-federation.ts'
import type { Suite } from '../support/conformance/suite.ts'
import { createTwinWorld } from '../support/conformance/twin-world.ts'

/** More, or others: `FUZZ_GRAPH_COUNT=500 FUZZ_SEED=700 npx vitest run` and this file. */
const GRAPHS = Number(process.env['FUZZ_GRAPH_COUNT'] ?? 24)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const OPERATIONS = 15

const SUITES = Array.from({ length: GRAPHS }, (_, index) => randomFederation(SEED + index)).filter(
  (suite) => suite !== null,
)

/** A protected input of another person is refused when a graph is composed. */
const readsOthers = ({ subgraphs }: Suite): boolean =>
  subgraphs.some(({ sdl }) => /@requires\(fields: "[^"]*\{/.test(sdl))

/** Null where the rules of composition refuse it: a subgraph that leads to people and cannot say who they are. */
const twinOf = (suite: Suite): Twin | null => {
  try {
    return fenceSuite(suite)
  } catch {
    return null
  }
}

describe('Random federations', () => {
  it('compose, all of them', () => {
    expect(SUITES.length).toBe(GRAPHS)
  })

  it.each(SUITES)('answer as one server: $name', async (suite) => {
    const comparing = { suite, withErrors: true }
    const run = { seed: SEED, operations: OPERATIONS }
    const open = { fenced: [], open: new Map<string, string>() }
    const world = createTwinWorld(suite, { ...suite, ...open })
    expect(await firstDifference({ ...comparing, world }, run)).toBeNull()
    const twin = readsOthers(suite) ? null : twinOf(suite)
    if (twin === null) return
    expect(await firstDifference({ ...comparing, world: createTwinWorld(suite, twin) }, run)).toBeNull()
  })
})
