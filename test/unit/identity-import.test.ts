import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { MOST_HOLDERS, arePossiblyOne } from '../../subgraphs/identity/same-person.ts'
import type { CustomerRecord } from '../../subgraphs/identity/store.ts'
import { openTestVault } from '../support/open-test-vault.ts'

const keys = [
  { version: 1, secret: 'the first secret, thirty-two bytes or more' },
  { version: 2, secret: 'the second secret, thirty-two bytes or more' },
]
const pseudonymizer = createPseudonymizer({ keys, current: 2 })

const record = (recordId: string, rest: Partial<CustomerRecord> = {}): CustomerRecord => ({
  source: 'crm',
  recordId,
  givenName: 'Ada',
  familyName: 'Lind',
  region: 'DE',
  devices: [],
  ...rest,
})

/** Which records ended up with one another: the groups, not the names of the pids. */
async function groupsOf(...calls: CustomerRecord[][]): Promise<string[][]> {
  const store = createMemoryIdentityStore()
  const vault = await openTestVault()
  const groups = new Map<string, string[]>()
  for (const records of calls) {
    const { owners } = await importRecords(records, { store, vault, pseudonymizer })
    for (const [key, pid] of owners)
      groups.set(pid, [...(groups.get(pid) ?? []), key.split('\u001f')[1] ?? ''])
  }
  return [...groups.values()]
}

describe('records become one person', () => {
  test.each([
    ['a normalised e-mail', { email: 'ada@example.org' }, { email: ' ADA@example.org' }],
    ['a phone number in two spellings', { phone: '030 1234567' }, { phone: '+49 30 1234567' }],
    ['a loyalty number', { loyalty: 'AB-12' }, { loyalty: 'ab 12' }],
    [
      'an e-mail and a slip of the keyboard',
      { email: 'a@example.org', familyName: 'Lindgren' },
      { email: 'a@example.org', familyName: 'Lindrgen' },
    ],
    ['an e-mail and an initial', { email: 'a@example.org' }, { email: 'a@example.org', givenName: 'A.' }],
    [
      'an e-mail and names in the wrong columns',
      { email: 'a@example.org' },
      { email: 'a@example.org', givenName: 'Lind', familyName: 'Ada' },
    ],
    [
      'an e-mail where the rest is empty',
      { email: 'a@example.org' },
      { email: 'a@example.org', givenName: '', familyName: '' },
    ],
  ])('by %s', async (_, one, other) => {
    expect(await groupsOf([record('1', one), record('2', other)])).toEqual([['1', '2']])
  })
})

describe('records stay apart', () => {
  test.each([
    ['with nothing in common but the name', {}, {}],
    [
      'with one e-mail and other given names',
      { email: 'us@example.org' },
      { email: 'us@example.org', givenName: 'Bo' },
    ],
    [
      'with one e-mail and other birth dates',
      { email: 'a@example.org', dateOfBirth: '1990-01-01' },
      { email: 'a@example.org', dateOfBirth: '1961-01-01' },
    ],
    [
      'with short names one letter apart',
      { email: 'a@example.org', givenName: 'Tim' },
      { email: 'a@example.org', givenName: 'Tom' },
    ],
    [
      'with the same national number of two countries',
      { phone: '030 1234567' },
      { phone: '030 1234567', region: 'AT' },
    ],
  ])('%s', async (_, one, other) => {
    expect(await groupsOf([record('1', one), record('2', other)])).toEqual([['1'], ['2']])
  })

  test.each([
    ['the mailbox of nobody', { email: 'null@example.com' }],
    ['a mailbox that refuses mail', { email: ' NoReply@shop.example ' }],
    ['zeros for a phone', { phone: '+49 000 0000000' }],
    ['one digit over and over', { phone: '111-1111-1111' }],
    ['the keys in a row', { phone: '0123456789' }],
    ['a number that there is not', { phone: '000-00-0000' }],
    ['a word for nothing', { loyalty: 'N/A' }],
    ['zeros for a card', { loyalty: '000-00-0000' }],
  ])('that share %s, whatever their names', async (_, poison) => {
    const nameless = { ...poison, givenName: '', familyName: '' }
    const records = [record('1', poison), record('2', poison), record('3', nameless), record('4', nameless)]
    expect(await groupsOf(records)).toEqual([['1'], ['2'], ['3'], ['4']])
  })

  test('when hundreds share one phone, in one call or many, and nobody is held against all of them', async () => {
    const shared = Array.from({ length: 600 }, (_, index) =>
      record(String(index), {
        phone: '+49301234567',
        dateOfBirth: new Date(index * 86_400_000).toISOString().slice(0, 10),
      }),
    )
    expect(await groupsOf(shared.slice(0, 400), shared.slice(400))).toHaveLength(600)
  })

  test('when the identifier has too many holders already', async () => {
    const holders = Array.from({ length: MOST_HOLDERS + 1 }, (_, index) =>
      record(`${index}`, { email: 'shop@example.org', dateOfBirth: `199${index}-01-01` }),
    )
    const groups = await groupsOf([...holders, record('late', { email: 'shop@example.org' })])
    expect(groups).toHaveLength(MOST_HOLDERS + 2)
  })

  test('when any record of the person speaks against it, not only the one that shares the identifier', async () => {
    const person = [
      record('1', { email: 'a@example.org', dateOfBirth: '1990-01-01' }),
      record('2', { email: 'a@example.org', phone: '+49301234567' }),
    ]
    const child = record('3', { phone: '+49301234567', dateOfBirth: '2015-01-01' })
    expect(await groupsOf([...person, child])).toEqual([['1', '2'], ['3']])
    expect(await groupsOf(person, [child])).toEqual([['1', '2'], ['3']])
  })

  test('when a record of the person that is not among those imported now speaks against it', async () => {
    const person = [
      record('1', { email: 'a@example.org', dateOfBirth: '1990-01-01' }),
      record('2', { email: 'a@example.org' }),
    ]
    const changed = record('2', { email: 'a@example.org', phone: '+49301234567' })
    const child = record('3', { phone: '+49301234567', dateOfBirth: '2015-01-01' })
    expect(await groupsOf(person, [changed, child])).toEqual([['1', '2', '2'], ['3']])
  })

  test('when they were two people before a third record links them', async () => {
    const [one, two] = [record('1', { email: 'a@example.org' }), record('2', { phone: '+49301234567' })]
    const link = record('3', { email: 'a@example.org', phone: '+49301234567' })
    expect(await groupsOf([one, two, link])).toEqual([['1', '3'], ['2']])
  })
})

test('the same records in the same order give the same people however they are cut into calls', async () => {
  const names = fc.constantFrom('Ada', 'Adda', 'Bo', 'Cyd', '')
  const anyRecord = fc.record({
    givenName: names,
    familyName: names,
    email: fc.constantFrom('', 'a@example.org', 'b@example.org', 'c@example.org'),
    phone: fc.constantFrom('', '+49301111111', '+49302222222'),
    dateOfBirth: fc.constantFrom('', '1990-01-01', '1991-01-01'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { maxLength: 25 }), fc.nat(25), async (drafts, cut) => {
      const records = drafts.map((draft, index) => record(`${index}`, draft))
      const whole = await groupsOf(records)
      expect(await groupsOf(records.slice(0, cut), records.slice(cut))).toEqual(whole)
      expect(await groupsOf(...records.map((one) => [one]))).toEqual(whole)
    }),
    { numRuns: 200 },
  )
})

test('a person stored under an older key is found with the new one, and keeps their pid', async () => {
  const store = createMemoryIdentityStore()
  const vault = await openTestVault()
  const before = createPseudonymizer({ keys: keys.slice(0, 1), current: 1 })
  const first = await importRecords([record('1', { email: 'ada@example.org' })], {
    store,
    vault,
    pseudonymizer: before,
  })
  const second = await importRecords([record('2', { email: 'ada@example.org' })], {
    store,
    vault,
    pseudonymizer,
  })
  expect(second.newPeople).toBe(0)
  expect([...second.owners.values()]).toEqual([...first.owners.values()])
  expect([...first.owners.values()][0]).toMatch(/^p1_/)
})

test('an import that is repeated changes nothing', async () => {
  const store = createMemoryIdentityStore()
  const vault = await openTestVault()
  const records = [record('1', { email: 'ada@example.org' }), record('2')]
  const first = await importRecords(records, { store, vault, pseudonymizer })
  const second = await importRecords(records, { store, vault, pseudonymizer })
  expect(first.newPeople).toBe(2)
  expect(second).toEqual({ owners: first.owners, newPeople: 0, possibleMatches: 0, takenBack: 0, refused: 0 })
})

test('a new record joins the person of a record that comes again in the same import', async () => {
  const store = createMemoryIdentityStore()
  const vault = await openTestVault()
  const [first, second] = [
    record('1', { email: 'ada@example.org' }),
    record('2', { email: 'ada@example.org', phone: '+49301234567' }),
  ]
  const { owners } = await importRecords([first, second], { store, vault, pseudonymizer })
  const again = await importRecords([second, record('3', { phone: '+49301234567' })], {
    store,
    vault,
    pseudonymizer,
  })
  expect(new Set([...owners.values(), ...again.owners.values()]).size).toBe(1)
})

describe('a record that comes again', () => {
  const ada = record('1', { email: 'ada@example.org' })
  const joined = record('2', { email: 'ada@example.org', phone: '+49301234567' })

  test('and does not bear out the rule any more leaves the person it had joined', async () => {
    expect(
      await groupsOf([ada, joined], [record('2', { email: 'bo@example.org', givenName: 'Bo' })]),
    ).toEqual([['1', '2'], ['2']])
  })

  test('stays when another record of the person bears it out', async () => {
    const third = record('3', { email: 'ada@example.org', phone: '+49301234567' })
    expect(await groupsOf([ada, joined, third], [record('2', { phone: '+49301234567' })])).toEqual([
      ['1', '2', '3', '2'],
    ])
  })

  test('tells how many merges were taken back, and the next record is held against the people there are then', async () => {
    const store = createMemoryIdentityStore()
    const vault = await openTestVault()
    await importRecords([ada, joined], { store, vault, pseudonymizer })
    const moved = record('2', { email: 'bo@example.org', phone: '+49301234567', givenName: 'Bo' })
    const boAgain = record('3', { email: 'bo@example.org', givenName: 'Bo' })
    const result = await importRecords([moved, boAgain], { store, vault, pseudonymizer })
    expect(result).toMatchObject({ takenBack: 1, newPeople: 0 })
    expect(new Set(result.owners.values()).size).toBe(1)
  })
})

test('two people whom a third record links become a possible match, with what speaks for it', async () => {
  const store = createMemoryIdentityStore()
  const vault = await openTestVault()
  const [one, two] = [record('1', { email: 'a@example.org' }), record('2', { phone: '+49301234567' })]
  const link = record('3', { email: 'a@example.org', phone: '+49301234567' })
  const { possibleMatches } = await importRecords([one, two, link], { store, vault, pseudonymizer })
  expect(possibleMatches).toBe(1)
  expect(await store.look((graph) => graph.openMatches(10, 0))).toMatchObject([
    {
      how: 'rule',
      by: 'shared-identifier@1',
      evidence: [
        { field: 'phone', level: 'same', weight: null },
        { field: 'name', level: 'same', weight: null },
        { field: 'date_of_birth', level: 'missing', weight: null },
      ],
    },
  ])
})

test('what may be one is the same from both sides', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })
  const traits = fc.record({
    givenName: name,
    familyName: name,
    dateOfBirth: fc.constantFrom(null, '1990-01-01', '1991-01-01'),
  })
  fc.assert(
    fc.property(traits, traits, (one, other) => arePossiblyOne(one, other) === arePossiblyOne(other, one)),
  )
})
