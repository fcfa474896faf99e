import { parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { composeSuite } from '../support/conformance/compose-suite.ts'
import { createMonolith } from '../support/conformance/monolith.ts'
import { errorPaths } from '../support/conformance/run-case.ts'
import { loadSuites } from '../support/conformance/suite.ts'

describe.each(loadSuites())('What the suite $name expects', (suite) => {
  it.runIf(suite.graph.composedByHand === undefined)('is of the graph that its subgraphs compose to', () => {
    expect(suite.supergraph.trim()).toBe(composeSuite(suite).trim())
  })

  const compared = suite.cases.filter(
    ({ unlikeMonolith, data, events }) =>
      unlikeMonolith === undefined && (data !== undefined || events !== undefined),
  )
  for (const one of compared)
    it(`is what one server with all the data answers: ${one.name}`, async () => {
      const monolith = createMonolith(suite)
      if (one.needs?.includes('defer') !== true)
        expect(validate(monolith.schema, parse(one.query))).toEqual([])
      if (one.events !== undefined) {
        const answers = await monolith.events(one.query, one.variables)
        expect(answers.map(({ data }) => data)).toEqual(one.events.map(({ data }) => data))
        return
      }
      const { data, errors } = await monolith.ask(one.query, one.variables, one.operationName)
      expect(JSON.stringify(data)).toBe(JSON.stringify(one.data))
      expect(errorPaths(errors)).toEqual((one.errors ?? []).toSorted())
    })
})
