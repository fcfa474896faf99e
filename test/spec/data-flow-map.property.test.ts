import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientFields } from '../../cli/client-fields.ts'
import { readVocabulary } from '../../directives/read-vocabulary.ts'
import { readContracts } from '../../gateway/adapters/contract-files.ts'
import { compose } from '../../schema/compose.ts'
import { dataFlow } from '../../schema/data-flow.ts'
import { dataFlowMermaid } from '../../schema/data-flow-mermaid.ts'
import { dataFlowSvg } from '../../schema/data-flow-svg.ts'
import { REVIEW } from '../support/contract-review.ts'
import {
  type Arrow,
  arrowsIn,
  pathsOf,
  type Shop,
  schemasOf,
  shops,
  WORDS,
} from '../support/property/flowing-shop.ts'

/**
 * A record of processing that leaves out a way is worse than none (GDPR Art. 30). What is drawn is held against the ways
 * themselves: every path of questions that a client could ask one after the other, walked on the model that the schemas were
 * written from, by code that knows of no supergraph.
 */
const VOCABULARY = readVocabulary(WORDS)

const drawn = (shop: Shop) => {
  const composed = compose(schemasOf(shop), { vocabulary: VOCABULARY })
  expect(composed.violations.filter(({ severity }) => severity === 'error')).toEqual([])
  const { world, fieldsOf } = clientFields(composed.supergraph ?? '', VOCABULARY)
  const files = shop.clients.map(({ name, purposes, scopes }) => ({
    file: `${name}.yaml`,
    text: `client: ${name}\n${REVIEW}purposes: [${purposes.join(', ')}]\nscopes: [${scopes.join(', ')}]\n`,
  }))
  const contracts = readContracts(files, VOCABULARY)
  const flowing = shop.clients.map(({ name, destinations }) => {
    const contract = contracts.find(name)
    if (contract === undefined) throw new Error('no contract')
    return { client: name, owner: 'shop-team', regions: [], destinations, fields: fieldsOf(contract) }
  })
  return dataFlow(world.supergraph, flowing)
}

const inOrder = (arrows: readonly Arrow[]): readonly string[] =>
  arrows.map((arrow) => JSON.stringify(arrow)).toSorted()

describe('The map of where data about people flows', () => {
  test('has an arrow for each way that some path of questions leads, and no other', () => {
    const ways = new Set<string>()
    fc.assert(
      fc.property(shops, (shop) => {
        const expected = pathsOf(shop)
        for (const { kind } of expected) ways.add(kind)
        expect(inOrder(arrowsIn(dataFlowMermaid(drawn(shop))))).toEqual(inOrder(expected))
      }),
      { seed: 20261123, numRuns: 40 },
    )
    // The shops were not all of one kind: each sort of arrow was drawn.
    expect([...ways].toSorted()).toEqual(['destination', 'named', 'source', 'unnamed'])
  })

  test('as SVG names each field, client and destination of it', () => {
    fc.assert(
      fc.property(shops, (shop) => {
        const svg = dataFlowSvg(drawn(shop))
        const named = new Set([...svg.matchAll(/>([^<>]+)</g)].map(([, text]) => text?.trim()))
        for (const { from, to } of pathsOf(shop))
          for (const name of [from, to])
            expect(
              [...named].some((text) => text === name),
              name,
            ).toBe(true)
      }),
      { seed: 20261123, numRuns: 12 },
    )
  })
})
