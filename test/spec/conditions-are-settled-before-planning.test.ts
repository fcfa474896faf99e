import { QueryPlanner, type QueryPlan as PlannerPlan } from '@graphql-hive/router-query-planner'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createOperations } from '../../gateway/operations.ts'
import { loadWorld } from '../../gateway/plan/load-world.ts'
import { inProcessPlanner } from '../../gateway/plan/planner.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { callerWith, createWorld } from '../support/world.ts'

const CALLER = callerWith({ scopes: ['contact'] })

/** Operations of the people graph, and what its planner was asked. */
const countedOperations = () => {
  const planned: string[] = []
  const world = loadWorld(createWorld(peopleGraph).supergraph, (sdl) => {
    const planner = inProcessPlanner(new QueryPlanner(sdl), sdl)
    return {
      plan: (text) => {
        planned.push(text)
        return planner.plan(text)
      },
      close: planner.close,
    }
  })
  return { operations: createOperations(world), planned }
}

describe('`@skip` and `@include` are looked at before anything is planned', () => {
  test('each combination is planned once, without its conditions', async () => {
    const { operations, planned } = countedOperations()
    const { prepare } = operations.choose(
      parse('query ($on: Boolean!) { people(ids: ["ada"]) { name email @include(if: $on) } }'),
      undefined,
      CALLER.contract,
    )
    const on = await prepare(CALLER, { on: true })
    const off = await prepare(CALLER, { on: false })
    expect(await prepare(CALLER, { on: true })).toBe(on)
    expect(await prepare(CALLER, { on: false })).toBe(off)
    expect(planned.length).toBe(2)
    expect(planned.join()).not.toContain('@')
  })

  test('variables that switch nothing make no further plans', async () => {
    const { operations, planned } = countedOperations()
    const document = parse('query ($id: ID!) { person(id: $id) { name } }')
    for (const id of ['ada', 'bo'])
      await operations.choose(document, undefined, CALLER.contract).prepare(CALLER, { id })
    expect(planned.length).toBe(1)
  })

  test('of very many combinations the oldest is forgotten', async () => {
    const { operations, planned } = countedOperations()
    const names = Array.from({ length: 7 }, (_, index) => `s${index}`)
    const document = parse(
      `query (${names.map((name) => `$${name}: Boolean!`).join()}) {
        person(id: "ada") { ${names.map((name) => `${name}: name @skip(if: $${name})`).join(' ')} }
      }`,
    )
    const { prepare } = operations.choose(document, undefined, CALLER.contract)
    const combination = (n: number) =>
      Object.fromEntries(names.map((name, bit) => [name, ((n >> bit) & 1) === 1]))
    for (let n = 0; n <= 64; n += 1) await prepare(CALLER, combination(n))
    expect(planned.length).toBe(65)
    await prepare(CALLER, combination(64))
    await prepare(CALLER, combination(1))
    expect(planned.length).toBe(65)
    await prepare(CALLER, combination(0))
    expect(planned.length).toBe(66)
  })

  test('an operation of which nothing is left asks nobody', async () => {
    const asked = await createWorld(peopleGraph).ask(
      'query ($off: Boolean!) { ... @include(if: $off) { person(id: "ada") { email } } shops @include(if: $off) { sku } }',
      { variables: { off: false } },
    )
    expect([asked.data, asked.errors ?? [], asked.sent]).toEqual([{}, [], []])
  })

  test('an object of which nothing is left is still there, or is not', async () => {
    const asked = await createWorld(peopleGraph).ask(
      `query ($off: Boolean!) {
        ada: person(id: "ada") { email @include(if: $off) }
        nobody: person(id: "nobody") { email @include(if: $off) }
      }`,
      { variables: { off: false } },
    )
    expect(asked.data).toEqual({ ada: {}, nobody: null })
    expect(sentLines(asked.sent).join()).not.toContain('email')
  })
})

describe('a plan that still has a condition is of another operation, and is refused', () => {
  const fetched = (operation: string): PlannerPlan['node'] & object => ({
    kind: 'Fetch',
    serviceName: 'people',
    operationKind: 'query',
    operation,
  })
  const plans: Readonly<Record<string, PlannerPlan['node'] & object>> = {
    'around a step': {
      kind: 'Condition',
      condition: 'on',
      ifClause: fetched('{ person(id: "ada") { name } }'),
    },
    'on a field of a request': fetched(
      'query ($on: Boolean!) { person(id: "ada") { email @include(if: $on) } }',
    ),
    'on a fragment of a request': fetched('{ person(id: "ada") { ... @skip(if: true) { email } } }'),
  }
  for (const [title, node] of Object.entries(plans))
    test(title, async () => {
      const { supergraph } = createWorld(peopleGraph)
      const world = loadWorld(supergraph, () => ({
        plan: () => Promise.resolve({ kind: 'QueryPlan' as const, node }),
        close: () => undefined,
      }))
      const chosen = createOperations(world).choose(
        parse('{ person(id: "ada") { name email } }'),
        undefined,
        CALLER.contract,
      )
      await expect(chosen.prepare(CALLER, {})).rejects.toMatchObject({ code: 'PLAN_FAILED' })
    })
})
