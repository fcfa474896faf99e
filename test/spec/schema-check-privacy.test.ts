import { describe, expect, test } from 'vitest'
import { changed, type Files, reportOf } from '../support/schema-check/change.ts'

const CONTRACT =
  '@dataContract(owner: "team-crm", purpose: ["marketing"], freshness: "P1D", retention: "P90D", consumers: ["shop"], disposition: "purge")'

/** A customer with one protected field and whatever else. */
const shop = (email: string, rest = ''): Files => ({
  'shop.graphql': `type Query { me: Customer }
type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  email: String ${email} ${CONTRACT}
  ${rest}
}`,
})

const asks = (scope: string): string => `@requiresScope(scope: ${scope})`

describe('What a change does to consent', () => {
  test('is nothing when nothing changed', async () => {
    expect(await changed(shop(asks('"crm_contact"')), shop(asks('"crm_contact"')))).toEqual([])
  })

  test('is nothing when only the layout changed', async () => {
    const base = shop(asks('"crm_contact"'))
    const head = { 'shop.graphql': `# read anew\n${base['shop.graphql']}` }
    expect(await changed(base, head)).toEqual([])
  })

  test.each<[what: string, base: string, head: string, told: string[]]>([
    ['a scope is removed', asks('"crm_contact"'), '', ['error SCOPE_REMOVED Customer.email']],
    ['a scope is added', '', asks('"crm_contact"'), ['note SCOPE_ADDED Customer.email']],
    [
      'AND becomes OR',
      asks('[["crm_contact", "analytics"]]'),
      asks('["crm_contact", "analytics"]'),
      ['error SCOPE_LOOSENED Customer.email'],
    ],
    [
      'OR becomes AND',
      asks('["crm_contact", "analytics"]'),
      asks('[["crm_contact", "analytics"]]'),
      ['note SCOPE_TIGHTENED Customer.email'],
    ],
    [
      'an alternative is added',
      asks('"crm_contact"'),
      asks('["crm_contact", "analytics"]'),
      ['error SCOPE_LOOSENED Customer.email'],
    ],
    [
      'an alternative is removed',
      asks('["crm_contact", "analytics"]'),
      asks('"crm_contact"'),
      ['note SCOPE_TIGHTENED Customer.email'],
    ],
    [
      'one scope takes the place of another',
      asks('"crm_contact"'),
      asks('"analytics"'),
      ['error SCOPE_CHANGED Customer.email'],
    ],
    [
      'the same is spelled otherwise',
      asks('["crm_contact", "analytics"]'),
      asks('[["analytics"], ["crm_contact"]]'),
      [],
    ],
    [
      'two applications become one AND',
      `${asks('"crm_contact"')} ${asks('"analytics"')}`,
      asks('[["crm_contact", "analytics"]]'),
      [],
    ],
    [
      'a requirement is repeated',
      asks('"crm_contact"'),
      `${asks('"crm_contact"')} ${asks('"crm_contact"')}`,
      [],
    ],
    [
      'distributed, it is the same',
      `${asks('["crm_contact", "analytics"]')} ${asks('["crm_contact", "profiling"]')}`,
      asks('[["crm_contact"], ["analytics", "profiling"]]'),
      [],
    ],
    [
      'a second application goes',
      `${asks('"crm_contact"')} ${asks('"analytics"')}`,
      asks('"crm_contact"'),
      ['error SCOPE_LOOSENED Customer.email'],
    ],
    [
      'a default for nobody comes',
      asks('"crm_contact"'),
      '@requiresScope(scope: "crm_contact", otherwise: ANONYMOUS)',
      ['error ANONYMOUS_ADDED Customer.email'],
    ],
    [
      'a default for nobody goes',
      '@requiresScope(scope: "crm_contact", otherwise: ANONYMOUS)',
      asks('"crm_contact"'),
      ['note ANONYMOUS_REMOVED Customer.email'],
    ],
  ])('%s', async (_, base, head, told) => {
    const found = await changed(shop(base), shop(head))
    expect(found.filter((one) => !one.includes('PERSONAL_UNCLASSIFIED'))).toEqual(told)
  })

  test('on a type is told once, at the type', async () => {
    const graph = (on: string): Files => ({
      'shop.graphql': `type Query { me: Customer }
type Customer @key(fields: "pid") @dataSubject(key: "pid") ${on} ${CONTRACT.replace('"team-crm"', '"team-crm", classification: "personal"')} {
  pid: ID!
  a: String
  b: String
}`,
    })
    expect(await changed(graph(asks('"analytics"')), graph(''))).toEqual(['error SCOPE_REMOVED Customer'])
    expect(await changed(graph(''), graph(asks('"analytics"')))).toEqual(['note SCOPE_ADDED Customer'])
  })

  test('on a type of two subgraphs is told in the one that was changed', async () => {
    const graph = (one: string, other: string): Files => ({
      'a.graphql': `type Query { me: Customer }
type Customer @key(fields: "pid") @dataSubject(key: "pid") ${one} { pid: ID! }`,
      'b.graphql': `type Customer @key(fields: "pid") @dataSubject(key: "pid") ${other} ${CONTRACT} {
  pid: ID!
  score: Float
}`,
    })
    const asked = asks('"analytics"')
    for (const [base, head, file, line] of [
      [graph('', asked), graph('', ''), 'b.graphql', 4],
      [graph(asked, ''), graph('', ''), 'a.graphql', 5],
    ] as const) {
      const { findings } = await reportOf(base, head)
      expect(findings[0]).toMatchObject({
        code: 'SCOPE_REMOVED',
        coordinate: 'Customer',
        source: { file, line },
      })
    }
  })

  test('on an interface is told at the interface', async () => {
    const graph = (on: string): Files => ({
      'shop.graphql': `type Query { me: Customer }
interface Reachable { phone: String ${on} }
type Customer implements Reachable @key(fields: "pid") @dataSubject(key: "pid") ${CONTRACT.replace('"team-crm"', '"team-crm", classification: "personal"')} {
  pid: ID!
  phone: String
}`,
    })
    const found = await changed(graph(asks('"crm_contact"')), graph(''))
    expect(found).toContain('error SCOPE_REMOVED Reachable.phone')
  })

  test('by another subject key is told', async () => {
    const graph = (key: string): Files => ({
      'shop.graphql': `type Query { orders: [Order!]! }
type Order @key(fields: "id") @dataSubject(key: "${key}") {
  id: ID!
  buyerPid: ID!
  giftedToPid: ID!
  note: String ${asks('"crm_contact"')} ${CONTRACT}
}`,
    })
    expect(await changed(graph('buyerPid'), graph('giftedToPid'))).toEqual([
      'error SUBJECT_KEY_CHANGED Order',
    ])
  })

  test('by what callers have to prove is told', async () => {
    const graph = (on: string): Files => ({
      'shop.graphql': `type Query { me: Customer }
type Customer @key(fields: "pid") { pid: ID! tier: String ${on} }`,
    })
    expect(await changed(graph('@authenticated'), graph(''))).toEqual(['error ACCESS_LOOSENED Customer.tier'])
    expect(await changed(graph(''), graph('@authenticated'))).toEqual(['note ACCESS_TIGHTENED Customer.tier'])
  })
})

describe('What a change does to the terms', () => {
  const terms = (written: string): Files => ({
    'shop.graphql': `type Query { me: Customer }
type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  tier: String ${asks('"analytics"')} @dataContract(owner: "team-crm", ${written})
}`,
  })
  const all = {
    purpose: '["marketing"]',
    freshness: '"P1D"',
    retention: '"P90D"',
    consumers: '["shop"]',
    disposition: '"anonymise"',
    classification: '"behavioural"',
  }
  const withTerms = (other: Partial<typeof all>): Files =>
    terms(
      Object.entries({ ...all, ...other })
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${name}: ${value}`)
        .join(', '),
    )

  test.each<[what: string, other: Partial<typeof all>, told: string[], back: string[]]>([
    [
      'a purpose',
      { purpose: '["marketing", "analytics"]' },
      ['error PURPOSE_ADDED'],
      ['note PURPOSE_REMOVED'],
    ],
    ['a consumer', { consumers: '["shop", "adtech"]' }, ['error CONSUMER_ADDED'], ['note CONSUMER_REMOVED']],
    ['retention', { retention: '"P2Y"' }, ['error RETENTION_LENGTHENED'], ['note RETENTION_SHORTENED']],
    ['the same retention in other words', { retention: '"PT2160H"' }, [], []],
    [
      'disposition',
      { disposition: '"retain"' },
      ['error DISPOSITION_LOOSENED'],
      ['note DISPOSITION_TIGHTENED'],
    ],
    [
      'inferred or told',
      { classification: '"inferred"' },
      ['error ORIGIN_CHANGED'],
      ['error ORIGIN_CHANGED'],
    ],
    [
      'classification',
      { classification: '"public"' },
      ['error CLASSIFICATION_LOWERED'],
      ['warning CLASSIFICATION_CHANGED'],
    ],
    ['freshness', { freshness: '"P7D"' }, ['warning FRESHNESS_LOOSENED'], []],
    [
      'no retention',
      { retention: '' },
      ['error CONTRACT_ELEMENT_MISSING', 'error RETENTION_LENGTHENED'],
      ['note RETENTION_SHORTENED'],
    ],
    ['no consumers', { consumers: '' }, ['error CONTRACT_ELEMENT_MISSING'], ['error CONSUMER_ADDED']],
  ])('%s', async (_, other, told, back) => {
    const codes = (found: string[]): string[] => found.map((one) => one.replace(' Customer.tier', ''))
    expect(codes(await changed(withTerms({}), withTerms(other)))).toEqual(told)
    expect(codes(await changed(withTerms(other), withTerms({})))).toEqual(back)
  })

  test('an owner that is missing', async () => {
    const head = { 'shop.graphql': withTerms({})['shop.graphql']?.replace('"team-crm"', '""') ?? '' }
    expect(await changed(withTerms({}), head)).toEqual(['error CONTRACT_ELEMENT_MISSING Customer.tier'])
  })

  test.each([
    ['retention', { retention: '"90 days"' }],
    ['freshness', { freshness: '"daily"' }],
  ] as const)(
    'a %s that is no duration is told as that, and as neither longer nor shorter',
    async (element, other) => {
      const { findings } = await reportOf(withTerms({}), withTerms(other))
      expect(findings).toMatchObject([
        {
          code: 'CONTRACT_ELEMENT_INVALID',
          kind: 'composition',
          level: 'error',
          coordinate: 'Customer.tier',
          source: { file: 'shop.graphql', line: 7 },
          after: Object.values(other)[0]?.replaceAll('"', ''),
        },
      ])
      expect(findings[0]?.message).toContain(`Customer.tier@dataContract.${element}`)
      expect(findings[0]).not.toHaveProperty('approval')
      expect(await changed(withTerms(other), withTerms(other))).toEqual([])
    },
  )

  test('a protected field without any', async () => {
    const head = shop(asks('"crm_contact"'), `phone: String ${asks('"crm_contact"')}`)
    expect(await changed(shop(asks('"crm_contact"')), head)).toEqual([
      'error CONTRACT_MISSING Customer.phone',
      'note FIELD_ADDED Customer.phone',
    ])
  })
})

describe('A new way to personal data', () => {
  const graph = (query: string, rest = ''): Files => ({
    'shop.graphql': `type Query { me: Customer product: Product ${query} }
type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  tier: String ${asks('"analytics"')} ${CONTRACT}
}
type Product @key(fields: "sku") { sku: ID! ${rest} }`,
  })

  test('from a root', async () => {
    expect(await changed(graph(''), graph('customers: [Customer!]!'))).toEqual([
      'error NEW_PATH_TO_PERSON Query.customers',
      'note FIELD_ADDED Query.customers',
    ])
  })

  test('through a thing', async () => {
    expect(await changed(graph(''), graph('', 'buyers: [Customer!]!'))).toEqual([
      'error NEW_PATH_TO_PERSON Product.buyers',
      'note FIELD_ADDED Product.buyers',
    ])
  })

  test('that is taken away is none', async () => {
    expect(await changed(graph('', 'buyers: [Customer!]!'), graph(''))).toEqual([
      'error FIELD_REMOVED Product.buyers',
    ])
  })

  test('by an interface that people implement', async () => {
    const base = graph(
      'node(id: ID!): Node',
      '} interface Node { id: ID } type Shop implements Node { id: ID',
    )
    const head = {
      'shop.graphql':
        base['shop.graphql']
          ?.replace('type Customer ', 'type Customer implements Node ')
          .replace('  pid: ID!', '  pid: ID! id: ID') ?? '',
    }
    expect(await changed(base, head)).toContain('error NEW_PATH_TO_PERSON Customer')
  })

  test('by a union that people are a member of', async () => {
    const base = graph('search: [Hit!]!', '} union Hit = Product type Shop { id: ID')
    const head = { 'shop.graphql': base['shop.graphql']?.replace('= Product', '= Product | Customer') ?? '' }
    expect(await changed(base, head)).toContain('error NEW_PATH_TO_PERSON Customer')
  })

  test('by another key', async () => {
    const before = graph('')
    const head = {
      'shop.graphql': String(before['shop.graphql'])
        .replace('@key(fields: "pid")', '@key(fields: "pid") @key(fields: "loyaltyNumber")')
        .replace('  pid: ID!', '  pid: ID! loyaltyNumber: ID!'),
    }
    expect(await changed(before, head)).toContain('error NEW_ENTITY_KEY Customer')
  })

  test('through @requires', async () => {
    const recs = (requires: string): Files => ({
      ...graph(''),
      'recs.graphql': `type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  ${requires === '' ? '' : `tier: String @external ${asks('"analytics"')}`}
  offer: String ${requires} ${asks('"analytics"')} ${CONTRACT}
}`,
    })
    expect(await changed(recs(''), recs('@requires(fields: "tier")'))).toEqual([
      'error NEW_PERSONAL_INPUT Customer.offer',
    ])
    expect(await changed(recs('@requires(fields: "tier")'), recs(''))).toEqual([])
  })
})

describe('What looks personal and was not said to be', () => {
  const customer = (
    field: string,
    type = 'Customer @key(fields: "pid") @dataSubject(key: "pid")',
  ): Files => ({
    'shop.graphql': `scalar EmailAddress
scalar Date
type Query { one: ${type.split(' ')[0]} }
type ${type} { pid: ID! ${field} }`,
  })
  const found = async (field: string, type?: string): Promise<boolean> =>
    (await changed(customer('', type), customer(field, type))).some((one) =>
      one.includes('PERSONAL_UNCLASSIFIED'),
    )

  test.each([
    'ssn: String',
    'email: String',
    'e_mail: String',
    'EMail: String',
    'customerEMailAddress: String',
    'phoneNumber: String',
    'telefonnummer: String',
    'geburtsdatum: Date',
    'geburts_datum: String',
    'dateOfBirth: Date',
    'date_of_birth: String',
    'birthYear: Int',
    'prenom: String',
    'numeroDeTelephone: String',
    'correoElectronico: String',
    'fecha_nacimiento: Date',
    'codiceFiscale: String',
    'lastName: String',
    'reachAt: EmailAddress',
    'name: String',
    'address: String',
    'iban: String',
    'ipAddress: String',
    'latitude: Float',
    'age: Int',
    '"The e-mail address of the customer." reach: String',
    '"How to write to them, e.g. ada@example.com" reach: String',
    'vorname: String',
    'TELEPHONE: String',
  ])('%s', async (field) => {
    expect(await found(field)).toBe(true)
  })

  test.each([
    'emailVerified: Boolean',
    'emailOpens30d: Int',
    'emailTemplate: String',
    'phoneModel: String',
    'hasPhone: Boolean',
    'tier: String',
    'sku: ID',
    'createdAt: String',
    'planName: Boolean',
    'addressCount: Int',
    'emailOptIn: String',
    'orders: Int',
    'zipped: String',
    'page: Int',
    'message: String',
    'email: String @requiresScope(scope: "crm_contact")',
    'email: String @dataContract(owner: "x", classification: "contact")',
    'productName: String',
  ])('and not %s', async (field) => {
    expect(await found(field)).toBe(false)
  })

  test.each(['name: String', 'address: String', 'latitude: Float', 'image: String', 'city: String'])(
    'and not %s of a thing',
    async (field) => {
      expect(await found(field, 'Product')).toBe(false)
      expect(await found(field.replace('name', 'email'), 'Store')).toBe(false)
    },
  )

  test('of a thing all the same, where it can only be somebody’s', async () => {
    expect(await found('ssn: String', 'Product')).toBe(true)
    expect(await found('buyerEmail: String', 'Order')).toBe(true)
  })

  test('is told when clients come to see it', async () => {
    const [hidden, shown] = [customer('email: String @inaccessible'), customer('email: String')]
    expect(await changed(hidden, shown)).toContain('error PERSONAL_UNCLASSIFIED Customer.email')
    expect(await changed(shown, hidden)).not.toContain('error PERSONAL_UNCLASSIFIED Customer.email')
    expect(await changed(hidden, hidden)).toEqual([])
  })

  test('is told when it comes, and not for ever', async () => {
    expect(
      await changed(customer('email: String'), customer(`email: String tier: String ${CONTRACT}`)),
    ).toEqual(['note FIELD_ADDED Customer.tier'])
    const all = await changed(customer('email: String'), customer('email: String'), { all: true })
    expect(all).toEqual(['error PERSONAL_UNCLASSIFIED Customer.email'])
  })
})
