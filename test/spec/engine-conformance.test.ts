import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOT_YET } from '../support/conformance/not-yet.ts'
import { type Asking, startOwnGateway } from '../support/conformance/own-gateway.ts'
import { runCase } from '../support/conformance/run-suite.ts'
import { startSubgraphs, type SubgraphHost } from '../support/conformance/subgraph-host.ts'
import { loadSuites } from '../support/conformance/suite.ts'

/** What our gateway can do beyond queries and mutations. */
const ABILITIES: ReadonlySet<string> = new Set<string>(['subscriptions', 'defer'])

describe.each(loadSuites())('The engine, $name', (suite) => {
  let host: SubgraphHost
  let gateway: Asking
  beforeAll(async () => {
    host = await startSubgraphs(suite)
    gateway = await startOwnGateway(host.supergraph)
  })
  afterAll(async () => {
    await gateway.close()
    await host.close()
  })

  for (const one of suite.cases) {
    const isNotYet = NOT_YET[suite.name]?.[one.name] !== undefined
    const test = (one.needs ?? []).every((need) => ABILITIES.has(need)) ? it : it.skip
    const run = isNotYet ? test.fails : test
    run(one.name, async () => {
      expect(await runCase(one, host, gateway.url)).toEqual([])
    })
  }
})
