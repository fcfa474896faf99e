import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AssentError } from '../../gateway/errors.ts'
import type { SubgraphResponse } from '../../gateway/ports.ts'
import { compose } from '../../schema/compose.ts'
import { canariesIn, leaked } from '../support/canaries.ts'
import { canary } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import {
  type Asked,
  createWorld,
  type ReceivedRequest,
  type World,
  type WorldOptions,
} from '../support/world.ts'
import { anonymousRows } from './permission-table/anonymous.ts'
import { callerRows } from './permission-table/caller.ts'
import { conditionRows } from './permission-table/conditions.ts'
import { consentStateRows } from './permission-table/consent-states.ts'
import { documentRows } from './permission-table/documents.ts'
import { entityRows } from './permission-table/entities.ts'
import { inputRows } from './permission-table/inputs.ts'
import { nestedPeopleRows } from './permission-table/nested-people.ts'
import { polymorphismRows } from './permission-table/polymorphism.ts'
import { refusedGraphs, refusedSupergraphs, servedGraph } from './permission-table/refused.ts'
import { errorLines, type Row, withheldLines } from './permission-table/row.ts'
import { ruleRows } from './permission-table/rules.ts'
import { valueTypeRows } from './permission-table/value-types.ts'

/**
 * Caller scopes · each person's consent · query → answer · withheld with reason · documents sent.
 * Every row is asked three times: as in production; with subgraphs that check nothing, so that the gateway stands alone;
 * and with subgraphs that send every protected value unasked.
 */
const themes: Readonly<Record<string, readonly Row[]>> = {
  'what a person said': consentStateRows,
  'what a caller may': callerRows,
  'people in people': nestedPeopleRows,
  'interfaces and unions': polymorphismRows,
  'values of a person': valueTypeRows,
  'the text of the query': documentRows,
  'conditions in the query': conditionRows,
  'inputs of other fields': inputRows,
  'nobody in particular': anonymousRows,
  'where a rule stands': ruleRows,
  'keys and entities': entityRows,
}

for (const [theme, rows] of Object.entries(themes))
  describe(theme, () => {
    for (const row of rows) {
      const name = row.scenario === undefined ? row.title : `${row.scenario}: ${row.title}`
      test(name, async () => {
        const asked = await ask(row, {})
        check(row, asked)
        const alone = await ask(row, { unguardedSubgraphs: true })
        check(row, alone)
        const { data, extensions } = await ask(row, { tamper: sendEverythingUnasked })
        expect({ data, extensions }).toEqual({ data: asked.data, extensions: asked.extensions })
      })
    }
  })

describe('what is refused before it is served', () => {
  for (const { scenario, title, subgraphs, says } of refusedGraphs)
    test(`${scenario}: composition refuses ${title}`, () => {
      const sources = subgraphs.map((sdl, index) => ({ name: `s${index}`, url: 'http://127.0.0.1', sdl }))
      const { supergraph, violations } = compose(sources)
      const errors = violations.filter(({ severity }) => severity === 'error')
      expect(errors.map(({ code, coordinate }) => `${code} ${coordinate}`)).toEqual(says)
      expect(supergraph).toBeNull()
    })

  for (const { scenario, title, change, code, names } of refusedSupergraphs)
    test(`${scenario}: the gateway does not start with ${title}`, () => {
      const supergraph = change(supergraphOf(servedGraph))
      expect(supergraph).not.toBe(supergraphOf(servedGraph))
      const error = refusal(() => createWorld({ ...servedGraph, supergraph }))
      expect(error.code).toBe(code)
      for (const name of names) expect(error.message).toContain(name)
    })
})

describe('the table', () => {
  const rows = Object.values(themes).flat()

  test('has every scenario from A1 to A20', () => {
    const named = new Set([...rows, ...refusedGraphs, ...refusedSupergraphs].map(({ scenario }) => scenario))
    // Introspection and messages of validation have a file of their own.
    const elsewhere = ['A11', 'A12']
    const wanted = Array.from({ length: 20 }, (_, index) => `A${index + 1}`)
    expect(wanted.filter((one) => !named.has(one) && !elsewhere.includes(one))).toEqual([])
  })

  test('says nothing twice', () => {
    expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length)
  })
})

const refusal = (start: () => unknown): AssentError => {
  try {
    start()
  } catch (error) {
    if (error instanceof AssentError) return error
    throw error
  }
  return expect.fail('it was served')
}

beforeAll(() => void Reflect.deleteProperty(Object.prototype, 'polluted'))
afterAll(() => expect(Object.keys(Object.prototype)).toEqual([]))

const check = (row: Row, asked: Asked): void => {
  expect({
    data: JSON.stringify(asked.data, null, 1),
    withheld: withheldLines(asked),
    errors: errorLines(asked),
    sent: sentLines(asked.sent),
    asked: asked.consentCalls,
  }).toEqual({
    data: JSON.stringify(row.data, null, 1),
    withheld: row.withheld ?? [],
    errors: row.errors ?? [],
    sent: row.sent,
    asked: row.asked,
  })
  expect(leaked(asked, [...canariesIn(row.data), ...(row.travels ?? [])])).toEqual([])
  expect(overGranted(row, asked)).toEqual([])
}

/** Scopes in a grant that the caller, or one of the people it is for, does not have. */
const overGranted = (row: Row, { sent }: Asked): string[] =>
  sent.flatMap(({ grant, variables }) =>
    Object.entries(grant.lookups).flatMap(([alias, { scopes }]) => {
      const people = peopleIn(variables[`${alias}_representations`])
      return scopes
        .filter(
          (scope) => row.scopes?.includes(scope) === false || people.some((id) => !gave(row, id, scope)),
        )
        .map((scope) => `${grant.subgraph} ${alias} ${scope}`)
    }),
  )

const PEOPLE = ['ada', 'bo', 'cyd', 'dee']

const peopleIn = (representations: unknown): string[] =>
  PEOPLE.filter((person) => JSON.stringify(representations ?? null).includes(`"${person}"`))

const gave = ({ graph, consents }: Row, person: string, scope: string): boolean => {
  const answers = (consents ?? graph.consents)[person] ?? {}
  return typeof answers !== 'string' && ['given', 'renewed'].includes(answers[scope] ?? '')
}

const worlds = new Map<WorldOptions, Map<string, World>>()

/** One network a graph and set of answers: plans are warm for some rows and cold for others, and no row may notice. */
const ask = (row: Row, how: Partial<WorldOptions>): Promise<Asked> => {
  const known = worlds.get(row.graph) ?? new Map<string, World>()
  worlds.set(row.graph, known)
  const consents = row.consents ?? row.graph.consents
  const key = JSON.stringify([consents, Object.keys(how)])
  const world =
    known.get(key) ?? createWorld({ ...row.graph, supergraph: supergraphOf(row.graph), consents, ...how })
  known.set(key, world)
  return world.ask(row.query, {
    scopes: row.scopes ?? world.vocabularyScopes,
    ...(row.purpose === undefined ? {} : { purpose: row.purpose }),
    ...(row.contract === undefined ? {} : { contract: row.contract }),
    ...(row.variables === undefined ? {} : { variables: row.variables }),
  })
}

const supergraphs = new Map<WorldOptions, string>()

const supergraphOf = (graph: WorldOptions): string => {
  const supergraph = supergraphs.get(graph) ?? createWorld(graph).supergraph
  supergraphs.set(graph, supergraph)
  return supergraph
}

const sendEverythingUnasked = (_: ReceivedRequest, response: SubgraphResponse): SubgraphResponse => ({
  ...response,
  data: withEverything(response.data),
})

const UNASKED = ['email', 'ssn', 'phone', 'churn', 'vector', 'hint', 'street', 'value', 'polluted']

const withEverything = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withEverything)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).map(([key, one]) => [key, withEverything(one)] as const)
  const extra = UNASKED.map((field) => [field, canary('somebody', field)] as const)
  return Object.fromEntries([...extra, ...known])
}
