import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { enforceGrants } from '../../directives/enforce.ts'
import { normalizeConsent } from '../../directives/link.ts'
import { consentLink } from '../../directives/specified.ts'
import { compose } from '../../schema/compose.ts'

const FEDERATION =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@shareable", "@external", "@requires", "@override", "@interfaceObject"])'
const HEAD = `${FEDERATION} ${consentLink}`
const ADA = 'type Query { ada: Person }\n'
const KEYED = 'type Person @key(fields: "pid")'
const PERSON = `${KEYED} @dataSubject(key: "pid")`

/** The header is line 1, so a body starts at line 2. */
const composed = (owner: string, other: string, head = HEAD) =>
  compose(
    [`${HEAD}\n${ADA}${owner}`, `${head}\n${other}`].map((sdl, index) => ({
      name: `s${index + 1}`,
      url: `http://127.0.0.1/${index}`,
      sdl,
    })),
  )

const told = (owner: string, other: string, head = HEAD): string[] =>
  composed(owner, other, head).violations.map(({ code, severity, subgraph, coordinate, line, remedy }) =>
    [severity, code, subgraph, coordinate, line, remedy].join(' '),
  )

const missing = (place: string, remedy: string): string =>
  `warning PROTECTION_NOT_SAID_HERE s2 ${place} ${remedy}`

/** What a stranger who asks the second subgraph itself, with no grant, is answered about Ada. */
const strangerReads = async (other: string, selection: string): Promise<unknown> => {
  const schema = enforceGrants(
    buildSubgraphSchema({ typeDefs: normalizeConsent(parse(`${HEAD}\n${other}`)) }),
    () => null,
  )
  const { data } = await graphql({
    schema,
    source: `query ($ada: [_Any!]!) { _entities(representations: $ada) { ... on Person { ${selection} } } }`,
    variableValues: {
      ada: [{ __typename: 'Person', pid: 'ada', email: 'said', ssn: 'said', home: { street: 'said' } }],
    },
  })
  return data?.['_entities']
}

const SAID = 'said'
const CASES = [
  {
    what: 'a shareable field with the word in one of two subgraphs',
    owner: `${PERSON} { pid: ID! email: String @shareable @requiresScope(scope: "crm_contact") }`,
    silent: `${PERSON} { pid: ID!\n email: String @shareable }`,
    violation: missing('Person.email 3', 'Add to Person.email: @requiresScope(scope: "crm_contact").'),
    mended: `${PERSON} { pid: ID!\n email: String @shareable @requiresScope(scope: "crm_contact") }`,
    selection: 'email',
  },
  {
    what: 'an interface with the word, and no subject',
    owner: `${PERSON} { pid: ID! }`,
    silent: `interface Contactable { email: String @requiresScope(scope: "crm_contact") }
${KEYED.replace('Person', 'Person implements Contactable')} { pid: ID!
 email: String }`,
    violation: missing('Person.email 4', 'Add to Person: @dataSubject(key: "pid").'),
    mended: `interface Contactable { email: String @requiresScope(scope: "crm_contact") }
${PERSON.replace('Person', 'Person implements Contactable')} { pid: ID!
 email: String }`,
    selection: 'email',
  },
  {
    what: 'a rule on the whole type in one subgraph',
    owner: `${PERSON} @requiresScope(scope: ["analytics", "profiling"]) { pid: ID! }`,
    silent: `${KEYED} { pid: ID!\n email: String }`,
    violation: missing(
      'Person.email 3',
      'Add to Person: @dataSubject(key: "pid") @requiresScope(scope: [["analytics"], ["profiling"]]).',
    ),
    mended: `${PERSON} @requiresScope(scope: [["analytics"], ["profiling"]]) { pid: ID!\n email: String }`,
    selection: 'email',
  },
  {
    what: 'a leaf of a value type with the word in one subgraph',
    owner: `${PERSON} { pid: ID! home: Home @shareable }\ntype Home @shareable { street: String @requiresScope(scope: "crm_contact") }`,
    silent: `${KEYED} { pid: ID! home: Home @shareable }\ntype Home @shareable {\n street: String }`,
    violation: missing(
      'Home.street 4',
      'Add to Person: @dataSubject(key: "pid"); Add to Home.street: @requiresScope(scope: "crm_contact").',
    ),
    mended: `${PERSON} { pid: ID! home: Home @shareable }\ntype Home @shareable {\n street: String @requiresScope(scope: "crm_contact") }`,
    selection: 'home { street }',
  },
  {
    what: 'a scalar with the word in one subgraph',
    owner: `${PERSON} { pid: ID! no: Ssn }\nscalar Ssn @requiresScope(scope: "profiling")`,
    silent: `${PERSON} { pid: ID!\n ssn: Ssn }\nscalar Ssn`,
    violation: missing('Person.ssn 3', 'Add to Ssn: @requiresScope(scope: "profiling").'),
    mended: `${PERSON} { pid: ID!\n ssn: Ssn }\nscalar Ssn @requiresScope(scope: "profiling")`,
    selection: 'ssn',
  },
  {
    what: 'a field taken over with @override, without its word',
    owner: `${PERSON} { pid: ID! email: String @requiresScope(scope: "crm_contact", otherwise: ANONYMOUS) }`,
    silent: `${PERSON} { pid: ID!\n email: String @override(from: "s1") }`,
    violation: missing(
      'Person.email 3',
      'Add to Person.email: @requiresScope(scope: "crm_contact", otherwise: ANONYMOUS).',
    ),
    mended: `${PERSON} { pid: ID!\n email: String @override(from: "s1") @requiresScope(scope: "crm_contact", otherwise: ANONYMOUS) }`,
    selection: 'email',
  },
] as const

describe('each subgraph says its protection', () => {
  describe.each(CASES)('$what', ({ owner, silent, violation, mended, selection }) => {
    test('is warned of with the words to add, and composes', () => {
      expect(told(owner, silent)).toEqual([violation])
      expect(composed(owner, silent).supergraph).not.toBeNull()
    })

    test('passes with these words', () => {
      expect(told(owner, mended)).toEqual([])
    })

    test('is no less than a stranger at the port would see', async () => {
      expect(JSON.stringify(await strangerReads(silent, selection))).toContain(SAID)
      expect(JSON.stringify(await strangerReads(mended, selection))).not.toContain(SAID)
    })
  })

  const OWNER = `${PERSON} { pid: ID! email: String @shareable @requiresScope(scope: "crm_contact") }`

  test('a subgraph that knows no consent words is told to link them', () => {
    expect(told(OWNER, `${KEYED} { pid: ID!\n email: String @shareable }`, FEDERATION)).toEqual([
      missing(
        'Person.email 3',
        `Add to the schema: ${consentLink}; Add to Person: @dataSubject(key: "pid"); Add to Person.email: @requiresScope(scope: "crm_contact").`,
      ),
    ])
  })

  test('an interface that only another subgraph has is made good on the field', () => {
    const owner = `interface Contactable { email: String @requiresScope(scope: "crm_contact") }
${PERSON.replace('Person', 'Person implements Contactable')} { pid: ID! email: String @shareable }`
    const other = (word: string) => `${PERSON} { pid: ID!\n email: String @shareable ${word} }`
    expect(told(owner, other(''))).toEqual([
      missing('Person.email 3', 'Add to Person.email: @requiresScope(scope: "crm_contact").'),
    ])
    expect(told(owner, other('@requiresScope(scope: "crm_contact")'))).toEqual([])
  })

  test('an interface with the word counts for the types that implement it here', () => {
    const owner = `interface Contactable { email: String }
${PERSON.replace('Person', 'Person implements Contactable')} { pid: ID! email: String @shareable }`
    const other = (type: string) =>
      `interface Contactable { email: String @requiresScope(scope: "crm_contact") }\n${type} { pid: ID!\n email: String @shareable }`
    const unsaid = 'Add to Person.email: @requiresScope(scope: "crm_contact").'
    const ofOwner = missing(
      'Person.email 4',
      'Add to Contactable.email: @requiresScope(scope: "crm_contact").',
    )
    expect(told(owner, other(PERSON))).toEqual([
      ofOwner.replace(' s2 ', ' s1 '),
      missing('Person.email 4', unsaid),
    ])
    expect(told(owner, other(PERSON.replace('Person', 'Person implements Contactable')))).toEqual([
      ofOwner.replace(' s2 ', ' s1 '),
    ])
  })

  test('what belongs to nobody is refused by its own rule, and nothing is added to that', () => {
    const home = (word: string) =>
      `${PERSON} { pid: ID! home: Home @shareable }\ntype Home @shareable { street: String ${word} }`
    const { violations } = composed(
      `${home('@requiresScope(scope: "crm_contact")')}\nextend type Query { shop: Home }`,
      home(''),
    )
    expect(violations.map(({ code }) => code)).not.toContain('PROTECTION_NOT_SAID_HERE')
    expect(violations.map(({ code }) => code)).toContain('PROTECTED_WITHOUT_SUBJECT')
  })

  test('an interface object says what its interface says', () => {
    const owner = `interface Contactable @key(fields: "pid") @dataSubject(key: "pid") @requiresScope(scope: "crm_contact") { pid: ID! }
${PERSON.replace('Person', 'Person implements Contactable')} { pid: ID! }`
    const other = (words: string) =>
      `type Contactable @key(fields: "pid") @interfaceObject ${words} { pid: ID!\n note: String }`
    expect(told(owner, other(''))).toEqual([
      missing(
        'Contactable.note 3',
        'Add to Contactable: @dataSubject(key: "pid") @requiresScope(scope: "crm_contact").',
      ),
    ])
    expect(told(owner, other('@dataSubject(key: "pid") @requiresScope(scope: "crm_contact")'))).toEqual([])
  })

  test('a rule on the whole type without a subject refuses even the gateway, and is told so', () => {
    const rule = '@requiresScope(scope: "analytics")'
    const { violations } = composed(
      `${PERSON} ${rule} { pid: ID! }`,
      `${KEYED} ${rule} { pid: ID!\n email: String }`,
    )
    expect(violations).toMatchObject([
      {
        code: 'PROTECTION_NOT_SAID_HERE',
        message: expect.stringContaining('refuses even the gateway'),
        remedy: 'Add to Person: @dataSubject(key: "pid").',
      },
    ])
  })

  test('an input is checked where it is resolved: the field that requires it is asked nothing here', () => {
    const other = (word: string) =>
      `${PERSON} { pid: ID! email: String @external\n churn: Float @requires(fields: "email") ${word} }`
    expect(told(OWNER, other('@requiresScope(scope: "crm_contact")'))).toEqual([])
    expect(told(OWNER, other('')).join()).not.toContain('PROTECTION_NOT_SAID_HERE')
  })

  test('a value type that is only an input is not resolved here', () => {
    expect(
      told(
        `${PERSON} { pid: ID! home: Home }\ntype Home @shareable { street: String @requiresScope(scope: "crm_contact") }`,
        `${PERSON} { pid: ID! home: Home @external\n churn: Float @requires(fields: "home { street }") @requiresScope(scope: "crm_contact") }\ntype Home @shareable { street: String }`,
      ),
    ).toEqual([])
  })

  test('the subgraphs of this repository say all of theirs', () => {
    const sources = ['identity', 'consent', 'features', 'recommendations', 'aggregates'].map((name) => ({
      name,
      url: `http://127.0.0.1/${name}`,
      sdl: readFileSync(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url), 'utf8'),
    }))
    expect(compose(sources).violations).toEqual([])
  })
})
