import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { type Document, isMap, isSeq, parseDocument } from 'yaml'
import { ask } from './ask.ts'
import { composeSuite } from './compose-suite.ts'
import { createMonolith } from './monolith.ts'
import { startOwnGateway } from './own-gateway.ts'
import { errorPaths, outcomeOf } from './run-case.ts'
import { startSubgraphs } from './subgraph-host.ts'
import type { Case, Suite } from './suite.ts'

/** Composes a suite and fills in what its cases leave out: answers from the oracle, requests as our gateway makes them. */
export const recordSuite = async (given: Suite): Promise<string[]> => {
  const suite = { ...given, supergraph: supergraphOf(given) }
  writeFileSync(`${suite.folder}supergraph.graphql`, `${suite.supergraph.trim()}\n`)
  const document: Document = parseDocument(readFileSync(`${suite.folder}cases.yaml`, 'utf8'))
  const list = document.contents
  if (!isSeq(list)) throw new Error('cases are a list')
  const notes: string[] = []
  const host = await startSubgraphs(suite)
  const gateway = await startOwnGateway(host.supergraph)
  try {
    for (const [index, one] of suite.cases.entries()) {
      const filled = await fill(suite, one, { host, url: gateway.url, notes })
      const node = list.items[index]
      if (!isMap(node)) throw new Error('a case is a map')
      for (const [key, value] of Object.entries(filled))
        if (!node.has(key)) node.set(document.createNode(key), document.createNode(value))
    }
  } finally {
    await gateway.close()
    await host.close()
  }
  const file = `${suite.folder}cases.yaml`
  const text = await format(document.toString({ lineWidth: 0 }), {
    ...(await resolveConfig(file)),
    parser: 'yaml',
  })
  writeFileSync(file, text)
  return notes
}

const supergraphOf = (suite: Suite): string =>
  suite.graph.composedByHand === undefined ? composeSuite(suite) : suite.supergraph

interface Filling {
  readonly host: Awaited<ReturnType<typeof startSubgraphs>>
  readonly url: string
  readonly notes: string[]
}

const fill = async (suite: Suite, one: Case, { host, url, notes }: Filling): Promise<Partial<Case>> => {
  if (one.status !== undefined) return {}
  if (one.needs?.includes('subscriptions') === true) {
    const events = await createMonolith(suite).events(one.query, one.variables)
    return { events: events.map(({ data, errors }) => eventOf(data, errorPaths(errors))) }
  }
  host.begin(one)
  const outcome = outcomeOf(await ask(url, one), host.sent())
  const likeMonolith = one.unlikeMonolith === undefined
  const truth = likeMonolith
    ? await createMonolith(suite).ask(one.query, one.variables, one.operationName)
    : null
  const errors = truth === null ? outcome.errors : errorPaths(truth.errors)
  const data = truth === null ? outcome.data : truth.data
  if (truth !== null && JSON.stringify([data, errors]) !== JSON.stringify([outcome.data, outcome.errors]))
    notes.push(
      `${suite.name} / ${one.name}\n  oracle  ${JSON.stringify([data, errors])}\n  gateway ${JSON.stringify([outcome.data, outcome.errors])}`,
    )
  return {
    ...(data === undefined ? { status: outcome.status } : { data }),
    ...(errors.length > 0 ? { errors } : {}),
    calls: outcome.calls,
    ...(Object.keys(outcome.representations).length > 0 ? { representations: outcome.representations } : {}),
  }
}

const eventOf = (data: unknown, errors: readonly string[]): NonNullable<Case['events']>[number] => ({
  data,
  ...(errors.length > 0 ? { errors } : {}),
})
