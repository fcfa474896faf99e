import { Kind, parse, type SelectionSetNode } from 'graphql'
import { describe, expect, test } from 'vitest'
import { planOperation } from '../../gateway/plan/plan.ts'
import { loadWorld } from '../../gateway/plan/load-world.ts'
import type { EntityFetchNode, FetchNode, Guard, PlanNode } from '../../gateway/plan/query-plan.ts'
import { readOperation } from '../../gateway/plan/read-operation.ts'
import { verify } from '../../gateway/plan/verify.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { createWorld } from '../support/world.ts'

const world = loadWorld(createWorld(peopleGraph).supergraph)
const SUBGRAPH = [...world.supergraph.subgraphs.keys()].find((name) => name.toLowerCase() === 'people') ?? ''

const set = (text: string): SelectionSetNode => {
  const [definition] = parse(text, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('not a selection')
  return definition.selectionSet
}

const fetched = (text: string, operation: FetchNode['operation'] = 'query'): FetchNode => ({
  kind: 'Fetch',
  subgraph: SUBGRAPH,
  operation,
  variables: [],
  selection: set(text),
  path: [],
  outputRewrites: [],
})

const guard = (...coordinates: string[]): Guard => ({
  subject: ['id'],
  coordinates,
  inputs: new Map(),
  serves: new Map(),
  anonymousKey: 'id',
})

const ID = { kind: 'field', name: 'id', source: 'id', children: null } as const

const lookup = (text: string, guards: Readonly<Record<string, Guard>> = {}): EntityFetchNode => ({
  kind: 'EntityFetch',
  subgraph: SUBGRAPH,
  variables: [],
  lookups: [
    {
      paths: [[{ field: 'person' }]],
      requires: [{ kind: 'type', type: 'Person', children: [ID] }],
      selection: set(text),
      inputRewrites: [],
      outputRewrites: [],
      proofs: new Map([['Person', [{ responseKey: 'id', name: 'id', children: [] }]]]),
      guards: new Map(Object.entries(guards)),
    },
  ],
})

const proof = (root: PlanNode): string => {
  try {
    verify({ root }, world)
    return 'proved'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}

describe('a plan that reaches a protected coordinate otherwise than through its own person is refused', () => {
  const plans: Readonly<Record<string, PlanNode>> = {
    'at the root': fetched('{ person { email } }'),
    'behind an alias': fetched('{ a: person { name: email } }'),
    'in a fragment': fetched('{ person { ... on Person { ... { email } } } }'),
    'through an interface': fetched('{ contacts { email } }'),
    'through one interface inside another': fetched('{ node { ... on Contactable { email } } }'),
    'through a union': fetched('{ search { ... on Person { ssn } } }'),
    'in a value': fetched('{ person { address { street } } }'),
    'in a value behind an interface': fetched('{ person { channels { value } } }'),
    'of a person in a person': fetched('{ person { household { email } } }'),
    'of a person in nobody': fetched('{ shops { owner { email } } }'),
    'in a list of lists': fetched('{ rounds { email } }'),
    'in the answer of a mutation': fetched('{ rename { email } }', 'mutation'),
    'switched off': fetched('{ person { email @include(if: false) } }'),
    'in a lookup without a guard': lookup('{ ... on Person { email } }'),
    'in a lookup whose guard knows another field': lookup('{ ... on Person { email ssn } }', {
      Person: guard('Person.email'),
    }),
    'in a lookup whose guard is another type’s': lookup('{ ... on Person { email } }', {
      Company: guard('Person.email'),
    }),
    'of somebody else inside a guarded person': lookup('{ ... on Person { household { email } } }', {
      Person: guard('Person.email'),
    }),
    'of somebody else inside a guarded person’s value': lookup(
      '{ ... on Person { address { landlord { email } } } }',
      { Person: guard('Person.email', 'Address.street') },
    ),
    'of somebody else’s value inside a guarded person': lookup(
      '{ ... on Person { bestFriend { address { street } } } }',
      { Person: guard('Address.street') },
    ),
    'in several types at once': lookup('{ ... on Person { channels { value } } }', {
      Person: guard('Mailbox.value', 'Website.value'),
    }),
    'in the second of two steps': {
      kind: 'Sequence',
      nodes: [fetched('{ person { name } }'), fetched('{ person { email } }')],
    },
    'beside another step': {
      kind: 'Parallel',
      nodes: [fetched('{ person { name } }'), fetched('{ person { email } }')],
    },
  }
  for (const [title, plan] of Object.entries(plans))
    test(title, () => expect(proof(plan)).toBe('PLAN_UNFENCED'))
})

describe('what cannot be read cannot be proved', () => {
  const plans: Readonly<Record<string, PlanNode>> = {
    'a fragment that is only named': fetched('{ person { ...F } }'),
    'a field the subgraph does not have': fetched('{ person { vector { x } } }'),
    'a lookup of no type': lookup('{ email }', { Person: guard('Person.email') }),
    'a subgraph nobody knows': { ...fetched('{ person { name } }'), subgraph: 'ELSEWHERE' },
  }
  for (const [title, plan] of Object.entries(plans))
    test(title, () => expect(proof(plan)).toBe('PLAN_UNFENCED'))
})

describe('what is fenced is proved', () => {
  const plans: Readonly<Record<string, PlanNode>> = {
    'what is open': fetched('{ people { id name household { name address { city } } } shops { sku } }'),
    'a person behind a guard': lookup('{ ... on Person { email } }', { Person: guard('Person.email') }),
    'a person’s value behind the person’s guard': lookup('{ ... on Person { address { street } } }', {
      Person: guard('Address.street'),
    }),
    'values split by type': lookup(
      '{ ... on Person { channels { ... on Mailbox { value } ... on Website { value } } } }',
      { Person: guard('Mailbox.value', 'Website.value') },
    ),
    'nobody behind an interface': fetched('{ contacts { ... on Company { email } } }'),
  }
  for (const [title, plan] of Object.entries(plans)) test(title, () => expect(proof(plan)).toBe('proved'))
})

test('a plan that is refused is never run: planning itself ends with the proof', async () => {
  const document = parse('{ person(id: "bo") { email household { email } } }')
  const operation = readOperation(document, undefined)
  const plan = await planOperation(operation, operation.selectionSet.selections, world)
  expect(proof(plan.root ?? expect.fail('no plan'))).toBe('proved')
})
