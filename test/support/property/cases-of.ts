import fc from 'fast-check'
import type { ConsentStatus } from '../../../gateway/ports.ts'
import type { Consents } from '../world.ts'
import type { Case } from './check-no-leak.ts'
import { OperationArbitrary } from './operation-arbitrary.ts'
import type { PropertyGraph } from './property-graph.ts'
import type { PropertyWorld } from './property-world.ts'

/** Random operations × callers × what everybody answered, over one graph. */
export const casesOf = ({ graph, guarded }: PropertyWorld): fc.Arbitrary<Case> =>
  fc.record({
    operation: new OperationArbitrary(guarded.gateway.apiSchema, graph.ids),
    situation: fc.record({
      scopes: fc.oneof(
        { weight: 2, arbitrary: fc.constant(scopesOf(graph)) },
        { weight: 2, arbitrary: allButOne(scopesOf(graph)) },
        { weight: 2, arbitrary: fc.subarray(scopesOf(graph)) },
      ),
      consents: consentsOf(graph),
    }),
    guarded: fc.boolean(),
  })

const allButOne = (scopes: readonly string[]): fc.Arbitrary<string[]> =>
  fc.constantFrom(...scopes).map((left) => scopes.filter((scope) => scope !== left))

const scopesOf = (graph: PropertyGraph): string[] => [
  ...graph.scopes,
  'profiling',
  'analytics',
  'product_recs',
  'crm_contact',
]

const consentsOf = (graph: PropertyGraph): fc.Arbitrary<Consents> => {
  const answers = fc.record(
    Object.fromEntries(scopesOf(graph).map((scope) => [scope, fc.constantFrom(...STATUSES)])),
    { requiredKeys: [] },
  )
  const blocked = fc.constantFrom('SUPPRESSED' as const, 'ERASED' as const)
  const person = fc.oneof({ weight: 12, arbitrary: answers }, { weight: 1, arbitrary: blocked })
  const people = Object.fromEntries([...graph.people.values()].map((key) => [key, person]))
  return fc.record(people, { requiredKeys: [] }) as fc.Arbitrary<Consents>
}

/** Half of all answers grant, so that much is fetched and much is withheld. */
const STATUSES: ConsentStatus[] = [
  'given',
  'given',
  'given',
  'renewed',
  'refused',
  'withdrawn',
  'expired',
  'unknown',
]
