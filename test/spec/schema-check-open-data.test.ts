import { describe, expect, test } from 'vitest'
import { changed, type Files, reportOf } from '../support/schema-check/change.ts'

const says = (classification: string): string =>
  `@dataContract(owner: "team-crm", purpose: ["marketing"], freshness: "P1D", retention: "P90D", consumers: ["shop"], disposition: "purge"${classification === '' ? '' : `, classification: "${classification}"`})`

/** A customer of whom everybody may read what stands below its keys. */
const customer = (field: string, on = ''): Files => ({
  'shop.graphql': `type Query { me: Customer }
type Customer @key(fields: "pid") @key(fields: "number") @dataSubject(key: "pid") ${on} {
  pid: ID!
  number: ID!
  ${field}
}`,
})

const blocked = async (base: Files, head: Files): Promise<string[]> =>
  (await changed(base, head)).filter((one) => one.startsWith('error'))

describe('A new field of a person that everybody may read', () => {
  test.each(['public', 'internal', 'Technical', 'none'])(
    'that looks personal and is called %s blocks, whoever it names as its owner',
    async (called) => {
      const { findings } = await reportOf(customer(''), customer(`email: String ${says(called)}`))
      expect(findings[0]).toMatchObject({
        code: 'PERSONAL_DECLASSIFIED',
        level: 'error',
        coordinate: 'Customer.email',
        source: { file: 'shop.graphql', line: 8, column: 3 },
        approval: { by: 'privacy' },
      })
    },
  )

  test('that looks personal under what is said of its type alone blocks', async () => {
    for (const [called, code] of [
      ['behavioural', 'PERSONAL_UNCLASSIFIED'],
      ['personal', 'PERSONAL_UNCLASSIFIED'],
      ['internal', 'PERSONAL_DECLASSIFIED'],
    ] as const) {
      const { findings } = await reportOf(customer('', says(called)), customer('ssn: String', says(called)))
      expect(findings[0]).toMatchObject({
        code,
        level: 'error',
        coordinate: 'Customer.ssn',
        source: { file: 'shop.graphql', line: 8 },
      })
    }
  })

  test('that is called otherwise later on blocks', async () => {
    const [contact, open] = [`email: String ${says('contact')}`, `email: String ${says('public')}`]
    expect(await blocked(customer(contact), customer(open))).toContain(
      'error PERSONAL_DECLASSIFIED Customer.email',
    )
    expect(await blocked(customer(open), customer(contact))).toEqual([])
  })

  test('that looks like nothing blocks while nobody says anything of it', async () => {
    const { findings } = await reportOf(customer(''), customer('score: Float'))
    expect(findings[0]).toMatchObject({
      code: 'PERSON_FIELD_UNSAID',
      level: 'error',
      coordinate: 'Customer.score',
      source: { file: 'shop.graphql', line: 8, column: 3 },
      approval: { by: 'privacy' },
    })
  })

  test.each([
    ['is protected', `score: Float @requiresScope(scope: "analytics") ${says('behavioural')}`, ''],
    ['has terms of its own', `score: Float ${says('')}`, ''],
    ['has those of its type', 'score: Float', says('behavioural')],
    ['looks personal and is classified as what it is', `email: String ${says('contact')}`, ''],
    ['leads to itself', 'friends: [Customer!]', ''],
  ])('and not one that %s', async (_, field, on) => {
    const told = await blocked(customer('', on), customer(field, on))
    expect(told.filter((one) => !one.includes('NEW_PATH_TO_PERSON'))).toEqual([])
  })

  test('and not a key, nor what was there', async () => {
    const keyed = (key: string): Files => ({
      'shop.graphql': String(customer('')['shop.graphql']).replace('"number"', `"${key}"`),
    })
    expect(await blocked(keyed('number'), keyed('number'))).toEqual([])
    expect(await blocked(customer('score: Float'), customer('score: Float'))).toEqual([])
    const other: Files = { 'shop.graphql': 'type Query { me: Product } type Product { sku: ID! }' }
    const thing: Files = {
      'shop.graphql': 'type Query { me: Product } type Product { sku: ID! score: Float }',
    }
    expect(await blocked(other, thing)).toEqual([])
  })

  test('may be of a scalar that says what its values are, and not of one that calls them nobody’s', async () => {
    const thing = (on: string, field: string): Files => ({
      'shop.graphql': `scalar Reach ${on}\n${customer('')['shop.graphql']} type Blog { id: ID ${field} }`,
    })
    const added = (on: string) => blocked(thing(on, ''), thing(on, 'newsletterEmail: Reach'))
    expect(await added(says('public'))).toEqual(['error PERSONAL_UNCLASSIFIED Blog.newsletterEmail'])
    expect(await added(says('contact'))).toEqual([])
  })

  test('of a scalar that says what its values are blocks unless the scalar asks for consent, too', async () => {
    const scalar = (on: string, field: string): Files => ({
      'shop.graphql': `scalar Mail ${says('contact')} ${on}\n${customer(field)['shop.graphql']}`,
    })
    const { findings } = await reportOf(scalar('', ''), scalar('', 'backupEmail: Mail'))
    expect(findings[0]).toMatchObject({
      code: 'PERSONAL_UNCLASSIFIED',
      level: 'error',
      coordinate: 'Customer.backupEmail',
      source: { file: 'shop.graphql', line: 9 },
    })
    const guarded = '@requiresScope(scope: "crm_contact")'
    expect(
      await blocked(scalar(guarded, ''), scalar(guarded, `backupEmail: Mail ${says('contact')}`)),
    ).toEqual([])
  })

  test('is looked at in a value that is only in people, too', async () => {
    const value = (field: string, on = ''): Files => ({
      'shop.graphql': `${customer(`address: Address ${on}`)['shop.graphql']}
type Address { country: String ${field} }`,
    })
    expect(await blocked(value(''), value('street: String'))).toEqual([
      'error PERSONAL_UNCLASSIFIED Address.street',
    ])
    const guarded = `@requiresScope(scope: "crm_contact") ${says('contact')}`
    expect(await blocked(value('', guarded), value('street: String', guarded))).toEqual([])
  })
})

describe('A field of a root that everybody may ask', () => {
  const graph = (query: string, mutation = ''): Files => ({
    'shop.graphql': `${customer('')['shop.graphql']?.replace('me: Customer', `me: Customer ${query}`)}
type Mutation { ping: Int ${mutation} }`,
  })

  test('and that looks personal blocks', async () => {
    const added = (query: string, mutation = '') => reportOf(graph(''), graph(query, mutation))
    const found = async (coordinate: string, line: number, head: ReturnType<typeof added>) =>
      expect((await head).findings).toContainEqual(
        expect.objectContaining({
          code: 'PERSONAL_UNCLASSIFIED',
          level: 'error',
          coordinate,
          source: expect.objectContaining({ file: 'shop.graphql', line }) as unknown,
        }),
      )
    await found('Query.customerEmail', 4, added('customerEmail(pid: ID!): String'))
    await found('Query.phoneNumbersOfAll', 4, added('phoneNumbersOfAll: [String!]!'))
    await found('Mutation.exportEmails', 10, added('', 'exportEmails: [String!]!'))
  })

  test('and not one that is classified as what it is, tells of nobody or leads to an object', async () => {
    const said = `customerEmail: String ${says('contact')}`
    for (const field of [said, 'greeting: String', 'emailsSent: Int', 'emailOwner: Customer'])
      expect((await blocked(graph(''), graph(field))).filter((one) => !one.includes('NEW_PATH'))).toEqual([])
  })
})

describe('Terms that are taken from what everybody may read', () => {
  test('block at the field, or at the type they stood on', async () => {
    const field = `score: Float ${says('behavioural')}`
    expect(await blocked(customer(field), customer('score: Float'))).toEqual([
      'error CONTRACT_MISSING Customer.score',
    ])
    expect(await blocked(customer('score: Float', says('personal')), customer('score: Float'))).toContain(
      'error CONTRACT_MISSING Customer',
    )
  })

  test('do not where the type has them', async () => {
    const field = `score: Float ${says('behavioural')}`
    expect(await blocked(customer(field), customer('score: Float', says('behavioural')))).toEqual([])
  })
})

describe('A value that only people lead to', () => {
  const graph = (query: string, within: string): Files => ({
    'shop.graphql': `type Query { me: Customer ${query} }
type Customer @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! home: Home ${says('contact')} }
type Home { ${within} }`,
  })

  test('opened from a root blocks where it tells of somebody', async () => {
    const street = `street: String ${says('contact')}`
    const { findings } = await reportOf(graph('', street), graph('homes: [Home!]!', street))
    expect(findings[0]).toMatchObject({
      code: 'NEW_PATH_TO_PERSON',
      level: 'error',
      coordinate: 'Query.homes',
      source: { file: 'shop.graphql', line: 4 },
      after: 'Query.homes → Home',
      approval: { by: 'team-crm' },
    })
  })

  test('and not where it tells of nobody', async () => {
    expect(await blocked(graph('', 'rooms: Int'), graph('homes: [Home!]!', 'rooms: Int'))).toEqual([])
  })
})

describe('A value that only protected fields lead to', () => {
  const graph = (query: string, more = '', on = '@requiresScope(scope: "crm_contact")'): Files => ({
    'shop.graphql': `type Query { me: Customer order: Order ${query} }
type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  address: Address ${on} ${says('contact')}
}
type Address { street: String geo: Point }
type Point { lat: Float lon: Float }
type Order @key(fields: "id") {
  id: ID!
  ${more}
}`,
  })

  test('opened from a root blocks, and its owner is asked', async () => {
    const { findings } = await reportOf(graph(''), graph('addresses: [Address!]!'))
    expect(findings[0]).toMatchObject({
      code: 'NEW_OPEN_PATH',
      level: 'error',
      direction: 'loosens',
      coordinate: 'Query.addresses',
      source: { file: 'shop.graphql', line: 4 },
      before: 'Query.me → Customer.address → Address',
      after: 'Query.addresses → Address',
      approval: { by: 'team-crm' },
    })
    expect(findings[0]?.message).toContain('Address, Point')
  })

  test('opened from a thing, or from further within, blocks at that field', async () => {
    const { findings } = await reportOf(graph(''), graph('', 'sentTo: Address'))
    expect(findings[0]).toMatchObject({
      code: 'NEW_OPEN_PATH',
      coordinate: 'Order.sentTo',
      source: { file: 'shop.graphql', line: 13, column: 3 },
    })
    expect(await blocked(graph(''), graph('', 'where: Point'))).toEqual(['error NEW_OPEN_PATH Order.where'])
  })

  test('opened as a member of a union blocks', async () => {
    const union = (members: string): Files =>
      graph(`search: [Hit!]!`, `} union Hit = ${members} type Shop { id: ID`)
    expect(await blocked(union('Order'), union('Order | Address'))).toEqual(['error NEW_OPEN_PATH Address'])
  })

  test('and not by another protected field, a field within, or a way that is taken away', async () => {
    const more = (field: string): Files => ({
      'shop.graphql': String(graph('')['shop.graphql']).replace('  pid: ID!', `  pid: ID!\n  ${field}`),
    })
    const billing = `billing: Address @requiresScope(scope: "crm_contact") ${says('contact')}`
    expect(await blocked(graph(''), more(billing))).toEqual([])
    const within: Files = {
      'shop.graphql': String(graph('')['shop.graphql']).replace('geo: Point', 'geo: Point second: Point'),
    }
    expect(await blocked(graph(''), within)).toEqual([])
    expect(await blocked(graph('addresses: [Address!]!'), graph('addresses: [Address!]!'))).toEqual([])
    expect(await changed(graph('addresses: [Address!]!'), graph(''))).toEqual([
      'error FIELD_REMOVED Query.addresses',
    ])
  })

  test('that loses its protection is told once, as that', async () => {
    const told = await blocked(graph(''), graph('', '', ''))
    expect(told).toEqual(['error SCOPE_REMOVED Customer.address'])
  })
})
