import fc from 'fast-check'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { inspectConsent } from '../../directives/link.ts'
import { readVocabulary } from '../../directives/read-vocabulary.ts'
import { compose, type SubgraphSource } from '../../schema/compose.ts'
import { readProtection } from '../../schema/protection.ts'
import { readRuleContext } from '../../schema/rule-context.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import { guardedRelations, nonNullValues } from '../support/property/graph-variants.ts'
import { richGraph } from '../support/property/rich-graph.ts'

/**
 * Requirements from several subgraphs, from the parent type, from the return type and from interfaces are AND-ed. The rules
 * read that from what the authors wrote, the fence from the composed graph; what the fence asks is what was checked.
 */

const VOCABULARY = readVocabulary({
  version: '1.0-test.1',
  scopes: Object.fromEntries(
    richGraph.scopes.map((scope) => [scope, { sentence: scope, dpv: 'dpv:Purpose', fides: 'essential' }]),
  ),
})

const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@interfaceObject"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
`

/**
 * A requirement may stand at each §. Behind an interface nothing may be asked that the interface does not ask: what has a
 * name is one requirement, which stands where it is written with ! and may stand where it is not.
 */
const SKELETONS = {
  people: `${LINKS}
    type Query { person: Person member: Member company: Company claim: Claim }
    scalar Secret §
    enum Mood § { HAPPY }
    interface Contact §!type { email: String §!email }
    interface Member §!type @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String §!email }
    type Person implements Member & Contact §type @key(fields: "id") @key(fields: "code") @dataSubject(key: "id") {
      id: ID! code: ID! email: String §email
      secret: Secret § mood: Mood address: Address § note: String @shareable § friend: Person §
    }
    type Staff implements Member §type @key(fields: "id") @dataSubject(key: "id") {
      id: ID! email: String §email badge: Secret
    }
    type Company implements Contact { email: String founder: Person }
    type Address § @shareable { street: String § mood: Mood }
    type Claim § @key(fields: "no") @dataSubject(key: "holder { account { pid } }") { no: ID! holder: Holder! sum: Int § }
    type Holder { account: Account! name: String § }
    type Account { pid: ID! iban: Secret }`,
  insights: `${LINKS}
    enum Mood § { HAPPY }
    type Person §type @key(fields: "id") @dataSubject(key: "id") {
      id: ID! note: String @shareable § fit: Mood § home: Address §
    }
    type Address § @shareable { street: String § mood: Mood }`,
  loyalty: `${LINKS}
    type Member §!type @key(fields: "id") @interfaceObject @dataSubject(key: "id") {
      id: ID! tier: String § points: Int
    }`,
}

const scopes = fc.constantFrom('contact', 'identity', 'analytics')
const rule = fc
  .record({
    groups: fc.uniqueArray(
      fc.uniqueArray(scopes, { minLength: 1, maxLength: 2 }).map((group) => group.toSorted()),
      { minLength: 1, maxLength: 2, selector: (group) => group.join() },
    ),
    otherwise: fc.constantFrom('', '', ', otherwise: ANONYMOUS'),
  })
  .map(({ groups, otherwise }) => `@requiresScope(scope: ${JSON.stringify(groups)}${otherwise})`)

const maybe = fc.option(rule, { nil: '', freq: 2 })
const PLACE = /§(!?)([a-z]*)/g

const schemas: fc.Arbitrary<readonly SubgraphSource[]> = fc
  .record({
    type: maybe,
    email: maybe,
    places: fc.infiniteStream(maybe),
    isWritten: fc.infiniteStream(fc.boolean()),
  })
  .map(({ places, isWritten, ...named }) =>
    Object.entries(SKELETONS).map(([name, skeleton]) => {
      const sdl = skeleton.replaceAll(PLACE, (_, always: string, key: string) => {
        const own: string = places.next().value
        const mine: boolean = isWritten.next().value
        if (key !== 'type' && key !== 'email') return own
        const shared = named[key]
        if (always !== '') return shared === '' ? own : shared
        return mine ? shared : ''
      })
      return { name, url: `http://${name}.local`, sdl }
    }),
  )

type Asked = Readonly<Record<string, readonly string[]>>

const groupsOf = (clauses: readonly { readonly anyOf: readonly (readonly string[])[] }[]): string[] =>
  [...new Set(clauses.map(({ anyOf }) => JSON.stringify(anyOf)))].toSorted()

/** By coordinate of a concrete type, as each side reads it; inputs of `@requires` are the fence's alone. */
const readBoth = (sources: readonly SubgraphSource[], composed: string): [rules: Asked, fence: Asked] => {
  const documents = sources.map(({ name, sdl }) => ({ name, document: inspectConsent(parse(sdl)).document }))
  const { graph } = readRuleContext(documents, VOCABULARY)
  const supergraph = readSupergraph(composed)
  const { protections } = readProtection(supergraph).map
  const rules: Record<string, readonly string[]> = {}
  const fence: Record<string, readonly string[]> = {}
  for (const type of supergraph.types.values()) {
    if (type.kind !== 'object') continue
    for (const field of type.fields.keys()) {
      const coordinate = `${type.name}.${field}`
      const own = protections.get(coordinate)?.clauses.filter(({ origin }) => origin !== 'input') ?? []
      rules[coordinate] = groupsOf(graph.clausesOf(type.name, field))
      fence[coordinate] = groupsOf(own)
    }
  }
  return [rules, fence]
}

describe('what the rules check is what the fence asks', () => {
  test('in any graph that composes', () => {
    let composed = 0
    let asking = 0
    fc.assert(
      fc.property(schemas, (sources) => {
        const { supergraph } = compose(sources, { vocabulary: VOCABULARY })
        if (supergraph === null) return
        const [rules, fence] = readBoth(sources, supergraph)
        composed += 1
        asking += Object.values(fence).filter((clauses) => clauses.length > 1).length
        expect(fence).toEqual(rules)
      }),
      { numRuns: 100, includeErrorInReport: true },
    )
    expect(composed).toBeGreaterThan(25)
    expect(asking).toBeGreaterThan(composed)
  })

  for (const { name, subgraphs } of [richGraph, guardedRelations, nonNullValues])
    test(`in the graph of all shapes: ${name}`, () => {
      const sources = subgraphs.map((one) => ({
        name: one.name,
        url: `http://${one.name}.local`,
        sdl: one.sdl,
      }))
      const { supergraph } = compose(sources, { vocabulary: VOCABULARY })
      const [rules, fence] = readBoth(sources, supergraph ?? '')
      expect(fence).toEqual(rules)
    })
})
