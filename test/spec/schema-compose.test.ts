import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { enforceGrants } from '../../directives/enforce.ts'
import { ConsentLinkError, normalizeConsent } from '../../directives/link.ts'
import { compose, type SubgraphSource } from '../../schema/compose.ts'
import { readRuleContext } from '../../schema/rule-context.ts'
import { readProtection } from '../../schema/protection.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { verifyApplications } from '../../schema/verify-applications.ts'

const FEDERATION =
  '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@override"])'
const CONSENT = 'https://assent.example/consent/v1.0'
const source = (name: string, sdl: string): SubgraphSource => ({ name, url: `http://127.0.0.1/${name}`, sdl })
const codes = (...sources: SubgraphSource[]) =>
  compose(sources).violations.map(({ code, subgraph, coordinate, line }) =>
    [code, subgraph, coordinate, line].join(' '),
  )

const spellings = [
  {
    link: `@link(url: "${CONSENT}", import: ["@requiresScope", "@dataSubject"])`,
    scope: '@requiresScope',
    subject: '@dataSubject',
  },
  {
    link: `@link(url: "${CONSENT}", import: [{ name: "@requiresScope", as: "@consent" }, { name: "@dataSubject", as: "@whose" }])`,
    scope: '@consent',
    subject: '@whose',
  },
  { link: `@link(url: "${CONSENT}")`, scope: '@consent__requiresScope', subject: '@consent__dataSubject' },
  { link: `@link(url: "${CONSENT}", as: "c")`, scope: '@c__requiresScope', subject: '@c__dataSubject' },
  {
    link: `@link(url: "${CONSENT}/", as: "c", import: ["@dataSubject"])`,
    scope: '@c__requiresScope',
    subject: '@dataSubject',
  },
]

const owner = (name: string, { link, scope, subject }: (typeof spellings)[number], field: string) =>
  source(
    name,
    `extend schema ${FEDERATION} ${link}
     ${name === 'a' ? 'type Query { ada: Person }' : ''}
     type Person @key(fields: "pid") ${subject}(key: "pid") { pid: ID! ${field}: Int ${scope}(scope: "analytics") }`,
  )

const three = (first: number, second: number, third: number) => {
  const spelled = [first, second, third].map((index) => spellings[index] ?? expect.fail('no such spelling'))
  return compose(
    ['a', 'b', 'c'].map((name, index) =>
      owner(name, spelled[index] ?? expect.fail('no spelling'), `f${name}`),
    ),
  )
}

describe('every spelling is enforced alike', () => {
  const plain = three(0, 0, 0)

  test('the canonical one composes', () => {
    expect(plain.violations).toEqual([])
    expect(plain.supergraph).toContain('fa: Int @requiresScope(scope: "analytics")')
    expect(plain.supergraph).toContain(
      `@link(url: "${CONSENT}", import: ["@requiresScope", "@dataSubject", "@dataContract"], for: SECURITY)`,
    )
  })

  for (const [first, second, third] of [
    [0, 1, 2],
    [3, 4, 1],
    [2, 2, 2],
  ] as const)
    test(`spellings ${first}, ${second} and ${third} in three subgraphs give the same supergraph`, () => {
      expect(three(first, second, third)).toEqual(plain)
    })

  test('what the gateway reads from it is the same protection', () => {
    const { map, faults } = readProtection(readSupergraph(three(1, 2, 3).supergraph ?? ''))
    expect(faults).toEqual([])
    expect([...map.protections.keys()].toSorted()).toEqual(['Person.fa', 'Person.fb', 'Person.fc'])
  })

  test('own definitions, of whatever shape, are replaced', () => {
    const own = `directive @c__requiresScope(scope: String) on FIELD_DEFINITION\nscalar c__Scope\ndirective @c__dataSubject(key: String!) on OBJECT`
    const [a] = [owner('a', spellings[3] ?? expect.fail('no spelling'), 'fa')]
    expect(compose([source('a', `${a?.sdl}\n${own}`)]).violations).toEqual([])
  })
})

describe('what looks like ours and is not understood is refused', () => {
  test.each([
    'type T @requiresScope { a: Int }',
    'type T { a: Int @requiresScope }',
    'type T { a(x: Int @requiresScope): Int }',
    'interface I @requiresScope { a: Int }',
    'interface I { a(x: Int @requiresScope): Int }',
    'extend type Query { a: Int @requiresScope }',
    'input In @requiresScope { a: Int }',
    'input In { a: Int @requiresScope }',
    'enum E @requiresScope { A }',
    'enum E { A @requiresScope }',
    'scalar S @requiresScope',
    'union U @requiresScope = Query',
    'directive @own(x: Int @requiresScope) on FIELD',
    'extend schema @requiresScope',
    'query Q { a @requiresScope }',
    'fragment F on Query @requiresScope { a }',
  ])('wherever it stands: %s', (sdl) => {
    expect(() => normalizeConsent(parse(`type Query { q: Int } ${sdl}`))).toThrow('CONSENT_NOT_LINKED')
  })

  const person = (link: string, use: string) =>
    source(
      'a',
      `extend schema ${FEDERATION} ${link}\ntype Query { ada: Person }\ntype Person @key(fields: "pid") { pid: ID!\n a: Int ${use} }`,
    )

  test.each([
    ['', '@requiresScope(scope: "analytics")', 'CONSENT_NOT_LINKED a Person.a 4'],
    ['', '@consent__requiresScope(scope: "analytics")', 'CONSENT_NOT_LINKED a Person.a 4'],
    ['', '@requiresscope(scope: "analytics")', 'CONSENT_NOT_LINKED a Person.a 4'],
    [`@link(url: "${CONSENT}")`, '@requiresScope(scope: "analytics")', 'CONSENT_NOT_LINKED a Person.a 4'],
    [`@link(url: "${CONSENT}")`, '@consent__requiresRole(role: "x")', 'CONSENT_NOT_LINKED a Person.a 4'],
    [
      '@link(url: "https://other.example/consent/v1.0", import: ["@requiresScope"])',
      '@requiresScope',
      'CONSENT_NOT_LINKED a Person.a 4',
    ],
    [
      '@link(url: "https://assent.example/consent/v9.0", import: ["@requiresScope"])',
      '',
      'CONSENT_VERSION_UNKNOWN a  1',
    ],
    [
      '@link(url: "https://assent.example/consent/v1.7", import: ["@requiresScope"])',
      '',
      'CONSENT_VERSION_UNKNOWN a  1',
    ],
    [
      '@link(url: "https://assent.example/consent", import: ["@requiresScope"])',
      '',
      'CONSENT_VERSION_UNKNOWN a  1',
    ],
    [`@link(url: "${CONSENT}", import: ["@requiresScopes"])`, '', 'CONSENT_IMPORT_UNKNOWN a  1'],
    [
      `@link(url: "${CONSENT}", import: [{ name: "@requiresScope", as: "plain" }])`,
      '',
      'CONSENT_IMPORT_UNKNOWN a  1',
    ],
    [
      `@link(url: "${CONSENT}", import: [{ name: "@requiresScope", as: "@key" }])`,
      '',
      'CONSENT_NAME_TAKEN a  1',
    ],
    [`@link(url: "${CONSENT}") @link(url: "${CONSENT}", as: "c")`, '', 'CONSENT_LINKED_TWICE a  1'],
  ])('%s %s', (link, use, expected) => {
    expect(codes(person(link, use))).toContain(expected)
  })

  test('a supergraph is held to the same: it is refused, not read without its directives', () => {
    const newer = (three(0, 0, 0).supergraph ?? '').replace('consent/v1.0', 'consent/v9.0')
    expect(() => normalizeConsent(parse(newer))).toThrow(ConsentLinkError)
  })
})

describe('nothing that protects gets lost', () => {
  const two = (first: string, second: string) => [
    source('a', `extend schema ${FEDERATION} ${spellings[0]?.link}\ntype Query { ada: Person }\n${first}`),
    source('b', `extend schema ${FEDERATION} ${spellings[0]?.link}\n${second}`),
  ]
  const person = (rules: string) =>
    `type Person @key(fields: "pid") @dataSubject(key: "pid") { pid: ID!\n a: Int @shareable ${rules} }`

  test('applications of several subgraphs are all kept', () => {
    const { supergraph, violations } = compose(
      two(
        person('@requiresScope(scope: "analytics")'),
        person('@requiresScope(scope: ["profiling"]) @requiresScope(scope: "product_recs")'),
      ),
    )
    expect(violations).toEqual([])
    const protection = readProtection(readSupergraph(supergraph ?? '')).map.protections.get('Person.a')
    expect(protection?.clauses.map(({ anyOf }) => anyOf)).toEqual([
      [['analytics']],
      [['profiling']],
      [['product_recs']],
    ])
  })

  test('an application that composition dropped is an error at its place', () => {
    const written = two(
      person('@requiresScope(scope: "analytics")'),
      person('@requiresScope(scope: "profiling")'),
    )
    const context = readRuleContext(
      written.map(({ name, sdl }) => ({ name, document: normalizeConsent(parse(sdl)) })),
      standardVocabulary,
    )
    const dropped = (compose(written).supergraph ?? '').replace('@requiresScope(scope: "profiling")', '')
    expect(verifyApplications(parse(dropped), context)).toMatchObject([
      {
        code: 'COMPOSITION_LOST_PROTECTION',
        severity: 'error',
        subgraph: 'b',
        coordinate: 'Person.a',
        line: 3,
      },
    ])
  })

  test('two contracts on one type: the supergraph stays valid, and the second owner is told', () => {
    const contract = (team: string) =>
      person('').replace('@dataSubject', `@consent__dataContract(owner: "${team}") @dataSubject`)
    const { supergraph, violations } = compose(two(contract('one'), contract('two')))
    expect(violations).toMatchObject([
      { code: 'DATA_CONTRACT_DIFFERS', severity: 'warning', subgraph: 'b', coordinate: 'Person', line: 2 },
    ])
    expect(supergraph?.match(/@dataContract\(owner: "/g)?.length).toBe(1)
  })

  test('a contract on a root type of another name is found under the name that composition gives it', () => {
    const renamed = `schema @link(url: "${CONSENT}", import: ["@dataContract"]) { query: Reads mutation: Writes }
      type Reads @dataContract(owner: "one") { a: Int @dataContract(owner: "two") }
      type Writes @dataContract(owner: "three") { b: Int @dataContract(owner: "four") }`
    expect(codes(source('a', renamed))).toEqual([])
  })

  test('a mutation takes a protected value under whatever name its type has', () => {
    const sdl = (mutation: string) => `extend schema ${FEDERATION} ${spellings[0]?.link}
      schema { query: Query mutation: ${mutation} }
      scalar Mail @requiresScope(scope: "crm_contact")
      type Query { a: Int }
      type ${mutation} { write(mail: Mail): Int }`
    expect(codes(source('a', sdl('Writes')))).toEqual(codes(source('a', sdl('Mutation'))))
  })
})

describe('whatever the author imported', () => {
  const body =
    'type Query { ada: Person }\ntype Person @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! a: Int @requiresScope(scope: "analytics") }'

  test.each([
    ['no federation link', `extend schema ${spellings[0]?.link}\n${body}`],
    [
      'Federation 2.0',
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"]) ${spellings[0]?.link}\n${body}`,
    ],
    [
      'a namespaced federation',
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7") ${spellings[0]?.link}\n${body.replace('@key', '@federation__key')}`,
    ],
    [
      'a renamed @composeDirective',
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", { name: "@composeDirective", as: "@carry" }]) ${spellings[0]?.link} @carry(name: "@dataSubject")\n${body}`,
    ],
  ])('%s composes', (_, sdl) => {
    const { supergraph, violations } = compose([source('a', sdl)])
    expect(violations).toEqual([])
    expect(supergraph).toContain('a: Int @requiresScope(scope: "analytics")')
  })
})

describe('bad input is a violation, never an exception', () => {
  test('text that does not parse', () => {
    expect(codes(source('a', 'type Query {\n a: Int\n'), source('b', ''))).toEqual([
      'SUBGRAPH_UNREADABLE a  3',
      'SUBGRAPH_UNREADABLE b  1',
    ])
  })

  test('a name used twice', () => {
    expect(codes(source('a', 'type Query { a: Int }'), source('a', 'type Query { b: Int }'))).toEqual([
      'SUBGRAPH_NAME_TAKEN a  ',
    ])
  })

  test('what does not compose names subgraph, coordinate and line', () => {
    const key = `extend schema ${FEDERATION}`
    expect(
      codes(source('a', `${key}\ntype Query { c: C }\ntype C @key(fields: "id") { id: ID!\n a: Nope }`)),
    ).toEqual(['INVALID_GRAPHQL a C.a 4'])
    expect(
      codes(
        source('a', `${key}\ntype Query { c: C }\ntype C @key(fields: "id") { id: ID!\n a: Int @shareable }`),
        source('b', `${key}\ntype C @key(fields: "id") { id: ID!\n a: String @shareable }`),
      ),
    ).toEqual(['FIELD_TYPE_MISMATCH a C.a 4'])
  })

  test.each([
    'scalar Query',
    'type Query',
    'input Query { a: Query }',
    'query { a }',
    '{ a }',
    'schema { query: Nope }',
    'type Query { a(a: A): A } union A = A',
  ])('%s', (sdl) => {
    expect(compose([source('a', sdl)])).toMatchObject({ supergraph: null })
    expect(compose([source('a', `${sdl} extend schema ${spellings[0]?.link}`)])).toMatchObject({
      supergraph: null,
    })
  })
})

describe('the schemas of this repository', () => {
  const names = ['identity', 'consent', 'features', 'recommendations', 'aggregates']
  const sources = names.map((name) =>
    source(name, readFileSync(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url), 'utf8')),
  )

  test('compose without an error, and can be fenced', () => {
    const { supergraph, violations } = compose(sources)
    expect(violations.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(readProtection(readSupergraph(supergraph ?? '')).faults).toEqual([])
  })

  test.each(sources)('$name builds an executable schema', ({ name, sdl }) => {
    const schema = buildSubgraphSchema({ typeDefs: normalizeConsent(parse(sdl)) })
    const held = name === 'aggregates' ? 'CohortMetric' : 'Customer'
    expect(enforceGrants(schema, () => null).getType(held)).toBeDefined()
  })
})
