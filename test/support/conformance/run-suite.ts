import { ask } from './ask.ts'
import type { Asking } from './own-gateway.ts'
import { judge } from './run-case.ts'
import { startSubgraphs, type SubgraphHost } from './subgraph-host.ts'
import type { Case, Suite } from './suite.ts'

export interface CaseResult {
  readonly suite: string
  readonly name: string
  /** Empty when it passed; null when the gateway need not do it. */
  readonly problems: readonly string[] | null
}

/** Runs one case against a gateway in front of a host's subgraphs. */
export const runCase = async (one: Case, host: SubgraphHost, url: string): Promise<string[]> => {
  host.begin(one)
  try {
    return judge(one, await ask(url, one), host.sent())
  } catch (problem) {
    return [`no answer: ${problem instanceof Error ? problem.message : 'unknown'}`]
  }
}

/** Runs a suite's cases against a gateway that `start` starts for its supergraph. */
export const runSuite = async (
  suite: Suite,
  abilities: ReadonlySet<string>,
  start: (supergraph: string) => Promise<Asking>,
): Promise<CaseResult[]> => {
  const host = await startSubgraphs(suite)
  const results: CaseResult[] = []
  try {
    const gateway = await start(host.supergraph)
    try {
      for (const one of suite.cases)
        results.push({
          suite: suite.name,
          name: one.name,
          problems: (one.needs ?? []).every((need) => abilities.has(need))
            ? await runCase(one, host, gateway.url)
            : null,
        })
    } finally {
      await gateway.close()
    }
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : 'unknown'
    for (const { name } of suite.cases.slice(results.length))
      results.push({ suite: suite.name, name, problems: [`the gateway does not run: ${reason}`] })
  } finally {
    await host.close()
  }
  return results
}
