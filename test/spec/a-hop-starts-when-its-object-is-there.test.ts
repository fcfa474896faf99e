import { Kind, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import {
  type EntityFetchNode,
  type FetchNode,
  type Guard,
  type Path,
  type PlanNode,
  selectionSet,
} from '../../gateway/plan/query-plan.ts'
import { startEarly } from '../../gateway/plan/start-early.ts'

const selectionOf = (text: string) => {
  const [operation] = parse(`{${text}}`, { noLocation: true }).definitions
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : selectionSet([])
}

const fetch = (
  subgraph: string,
  selection: string,
  operation: FetchNode['operation'] = 'query',
): FetchNode => ({
  kind: 'Fetch',
  subgraph,
  operation,
  variables: [],
  selection: selectionOf(selection),
  path: [],
  outputRewrites: [],
})

/** `fetches` is asked of the objects at `at` (`a.b`, a type as `a.<Film>`), of which `needs` is sent. */
const hop = (subgraph: string, at: string, fetches: string, needs = 'id'): EntityFetchNode => ({
  kind: 'EntityFetch',
  subgraph,
  variables: [],
  lookups: [
    {
      paths: [pathOf(at)],
      requires: needs.split(' ').map((name) => ({ kind: 'field', name, source: name, children: null })),
      selection: selectionOf(`... on Thing { ${fetches} }`),
      inputRewrites: [],
      outputRewrites: [],
      proofs: new Map(),
      guards: new Map(),
    },
  ],
})

const pathOf = (at: string): Path =>
  at
    .split('.')
    .map((segment) => (segment.startsWith('<') ? { types: [segment.slice(1, -1)] } : { field: segment }))

const GUARD: Guard = {
  subject: ['id'],
  coordinates: ['Person.email'],
  inputs: new Map(),
  serves: new Map(),
  anonymousKey: null,
}

const guarded = (node: EntityFetchNode): EntityFetchNode => ({
  ...node,
  lookups: node.lookups.map((lookup) => ({ ...lookup, guards: new Map([['Person', GUARD]]) })),
})

const inOrder = (...nodes: readonly PlanNode[]): PlanNode => ({ kind: 'Sequence', nodes })
const together = (...nodes: readonly PlanNode[]): PlanNode => ({ kind: 'Parallel', nodes })

/** `(A > D | B)`: D after A, beside B. */
const textOf = (node: PlanNode | null): string => {
  if (node === null) return ''
  if (node.kind === 'Sequence') return node.nodes.map(textOf).join(' > ')
  if (node.kind === 'Parallel') return `(${node.nodes.map(textOf).toSorted().join(' | ')})`
  return node.subgraph
}

const early = (root: PlanNode): string => textOf(startEarly({ root }).root)

const A = fetch('A', 'a { id b { id } c { id } }')
const B = fetch('B', 'b { id }')

describe('a hop starts when the object it stands on is there', () => {
  test('what stands on one root field does not wait for another', () => {
    expect(early(inOrder(together(A, B), hop('D', 'a', 'd')))).toBe('(A > D | B)')
  })

  test('a whole chain goes with its branch', () => {
    expect(early(inOrder(together(A, B), hop('D', 'a', 'd { id }'), hop('E', 'a.d', 'e')))).toBe(
      '(A > D > E | B)',
    )
  })

  test('each hop of a wave goes with its own branch', () => {
    expect(early(inOrder(together(A, B), together(hop('D', 'a', 'd'), hop('E', 'b', 'e'))))).toBe(
      '(A > D | B > E)',
    )
  })

  test('branches of a later wave, too', () => {
    const wave = together(hop('C', 'a.b', 'c { id }'), hop('D', 'a.c', 'd'))
    expect(early(inOrder(A, wave, hop('E', 'a.b.c', 'e')))).toBe('A > (C > E | D)')
  })

  test('what needs two branches waits for both, and for no third', () => {
    const both = hop('E', 'a', 'e', 'id fromC')
    const plan = inOrder(together(A, fetch('C', 'a { fromC }'), B), both)
    expect(early(plan)).toBe('((A | C) > E | B)')
  })
})

describe('a hop waits for whatever it may need', () => {
  test('an input that another branch fetches', () => {
    const wave = together(hop('B', 'a', 'weight'), hop('C', 'a', 'price'))
    const plan = inOrder(A, wave, hop('D', 'a', 'cost', 'id weight price'))
    expect(early(plan)).toBe('A > (B | C) > D')
  })

  test('a type that another branch finds out, on the object and on the way', () => {
    const wave = together(hop('B', 'a', '__typename'), hop('C', 'a.b', 'x { id }'))
    expect(early(inOrder(A, wave, hop('D', 'a.<Film>.b.x', 'd')))).toBe('A > (B | C) > D')
  })

  test('a key that is renamed to the one it sends', () => {
    const renamed: PlanNode = {
      ...fetch('B', 'other'),
      outputRewrites: [{ kind: 'rename', path: [{ key: 'other' }], to: 'a' }],
    }
    expect(early(inOrder(together(A, renamed), hop('D', 'a', 'd')))).toBe('(A | B) > D')
  })

  test('what both write is written in the order of the plan', () => {
    const wave = together(hop('B', 'a', 'name'), hop('C', 'a.c', 'x'))
    expect(early(inOrder(A, wave, hop('D', 'a', 'name')))).toBe('A > (B > D | C)')
  })

  test('hops of one wave that ask about people are one consent question', () => {
    const wave = together(guarded(hop('D', 'a', 'd')), guarded(hop('E', 'b', 'e')))
    expect(early(inOrder(together(A, B), wave))).toBe('(A | B) > (D | E)')
  })

  test('mutations keep their order', () => {
    const first = fetch('A', 'a { id }', 'mutation')
    const plan = inOrder(together(first, B), hop('D', 'a', 'd'))
    expect(early(plan)).toBe('(A | B) > D')
  })
})
