import { beforeEach, describe, expect, test } from 'vitest'
import { expireWrites } from '../../subgraphs/ownership/expire-writes.ts'
import { type Outcome, takeProfileWrites } from '../../subgraphs/ownership/profile-writes.ts'
import { type Attribute, writersOf } from '../../subgraphs/ownership/registry.ts'
import { settle } from '../../subgraphs/ownership/settle.ts'
import { heard, NOON, openProfileDesk, ownFields, type ProfileDesk } from '../support/profile-desk.ts'

const registry = ownFields()
const SYSTEMS = [...registry.systems.keys(), 'billing']

/** Something of each attribute that could stand there. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  'account.id': 'ACME-7',
  'account.parent': 'ACME',
  'account.tier': 'plus',
  'account.territory': 'emea-north',
  'stage.name': 'proposal',
  'stage.since': '2026-04-01',
  'stage.amount': 1200.5,
  'contact.record': 'r_0123456789abcdef',
  'contact.role': 'buyer',
  'contact.language': 'de-AT',
  'contact.channel': 'post',
  'cases.open': 2,
  'cases.last_status': 'solved',
  'cases.last_at': '2026-04-30T10:00:00Z',
  'events.last_at': '2026-04-30T10:00:00Z',
  'events.last_type': 'page_viewed',
  'events.count': 12,
  'segments.names': ['bargain-hunter'],
  'audiences.names': ['spring'],
  'consent.scopes': ['analytics'],
  'shared.email': 'ada@example.com',
  'shared.phone': '+49 30 1234567',
  'shared.country': 'DE',
  'shared.lifecycle': 'lead',
}

describe('Who owns what', () => {
  let desk: ProfileDesk
  beforeEach(async () => {
    desk = openProfileDesk()
    const scopes = new Set([...registry.attributes.values()].flatMap(({ scope }) => scope ?? []))
    await desk.standings.write(
      [...scopes].map((scope) => heard('ada', scope, 7)),
      '7',
    )
  })

  const write = async (system: string, ...lines: readonly object[]): Promise<readonly Outcome[]> =>
    takeProfileWrites(
      lines.map((line) =>
        JSON.stringify({ pid: 'ada', version: 1, at: new Date(NOON - 60_000).toISOString(), ...line }),
      ),
      system,
      desk,
    )
  const holding = async (attribute: string) => {
    const writes = await desk.store.of([{ pid: 'ada', attribute }], NOON)
    return settle(writes, registry.attributes.get(attribute) as Attribute)
  }

  test('of every attribute there is a sample here', () => {
    expect(Object.keys(SAMPLES)).toEqual([...registry.attributes.keys()])
  })

  const rows = [...registry.attributes.values()].flatMap((attribute) =>
    SYSTEMS.map((system) => ({ attribute, name: attribute.name, system, writers: writersOf(attribute) })),
  )

  test.each(rows.filter(({ system, writers }) => writers.includes(system)))(
    '$name is written by $system',
    async ({ name, system }) => {
      expect(await write(system, { attribute: name, value: SAMPLES[name] })).toEqual([
        { line: 1, outcome: 'holds', known: false },
      ])
      expect((await holding(name)).holds).toMatchObject({ attribute: name, system, version: 1 })
    },
  )

  test.each(rows.filter(({ system, writers }) => !writers.includes(system)))(
    '$name is not written by $system, who is told whose it is',
    async ({ name, system, writers }) => {
      expect(await write(system, { attribute: name, value: SAMPLES[name] })).toEqual([
        {
          line: 1,
          outcome: 'refused',
          code: 'NOT_THE_OWNER',
          owner: writers.join(', '),
          message: `An attribute is written by a system that does not own it, and nothing was changed (${name}, owned by ${writers.join(', ')}).`,
        },
      ])
      expect(await holding(name)).toEqual({ holds: null, lost: [] })
    },
  )

  test('what names somebody is kept as a keyed token, and as nothing else', async () => {
    await write(
      'crm',
      { attribute: 'shared.email', value: 'ada@example.com' },
      { attribute: 'shared.phone', value: '030 1234567', region: 'DE' },
      { attribute: 'account.id', value: 'ACME-7' },
    )
    const attributes = ['shared.email', 'shared.phone', 'account.id']
    const kept = await desk.store.of(
      attributes.map((attribute) => ({ pid: 'ada', attribute })),
      NOON,
    )
    expect(kept.map(({ value }) => value)).toEqual([
      expect.stringMatching(/^e1_[\w-]{43}$/),
      expect.stringMatching(/^t1_[\w-]{43}$/),
      expect.stringMatching(/^a1_[\w-]{43}$/),
    ])
    expect(JSON.stringify(kept)).not.toMatch(/ada@|1234567|ACME/)
  })

  test('the loser of a conflict hears by which rule, and what it lost to', async () => {
    await write('crm', { attribute: 'shared.email', value: 'ada@example.com', version: 4 })
    const at = new Date(NOON).toISOString()
    const later = { attribute: 'shared.email', value: 'ada@example.org', version: 9, at }
    const to = { system: 'crm', version: 4, at: NOON - 60_000 }
    expect(await write('cdp', later)).toEqual([
      { line: 1, outcome: 'lost', known: false, rule: 'system', to },
    ])
    expect(await write('cdp', later)).toEqual([{ line: 1, outcome: 'lost', known: true, rule: 'system', to }])
    expect(await write('cdp', { ...later, version: 10, confirmed: true })).toEqual([
      { line: 1, outcome: 'holds', known: false },
    ])
    const { holds, lost } = await holding('shared.email')
    expect(holds).toMatchObject({ system: 'cdp', version: 10, confirmed: true })
    const told = lost.map(
      ({ write: { system, version }, rule, to: { system: by, version: its } }) =>
        `${system} ${version} by ${rule} to ${by} ${its}`,
    )
    expect(new Set(told)).toEqual(new Set(['cdp 9 by own version to cdp 10', 'crm 4 by confirmed to cdp 10']))
  })

  test('a system takes back what it said, and the other one’s word holds', async () => {
    await write('cdp', { attribute: 'shared.country', value: 'AT' })
    await write('crm', { attribute: 'shared.country', value: 'DE', at: new Date(NOON).toISOString() })
    expect((await holding('shared.country')).holds).toMatchObject({ value: 'DE' })
    await write('crm', { attribute: 'shared.country', value: null, version: 2 })
    expect((await holding('shared.country')).holds).toMatchObject({ value: 'AT', system: 'cdp' })
  })

  test('the lifecycle goes forward, whoever says so and whenever', async () => {
    await write('cdp', { attribute: 'shared.lifecycle', value: 'customer' })
    await write('crm', { attribute: 'shared.lifecycle', value: 'lead', at: new Date(NOON).toISOString() })
    const { holds, lost } = await holding('shared.lifecycle')
    expect([holds?.value, lost[0]?.rule]).toEqual(['customer', 'furthest'])
  })

  describe('what is no write is refused by line, and the others are taken', () => {
    const good = { attribute: 'account.tier', value: 'plus' }
    test.each<readonly [string, object, string, string]>([
      [
        'an attribute nobody knows',
        { ...good, attribute: 'account.shoe_size' },
        'UNKNOWN_ATTRIBUTE',
        'attribute',
      ],
      [
        'an attribute called as a word of the language',
        { ...good, attribute: '__proto__' },
        'UNKNOWN_ATTRIBUTE',
        'attribute',
      ],
      ['a value out of the list', { ...good, value: 'gold' }, 'PROFILE_VALUE_INVALID', 'account.tier'],
      [
        'a list for a word',
        { attribute: 'account.territory', value: ['emea'] },
        'PROFILE_VALUE_INVALID',
        'account.territory',
      ],
      [
        'free text',
        { attribute: 'account.territory', value: 'ask Ada, 0301234567' },
        'PROFILE_VALUE_INVALID',
        'account.territory',
      ],
      [
        'a number of somebody',
        { attribute: 'account.territory', value: '0301234567' },
        'PROFILE_VALUE_INVALID',
        'account.territory',
      ],
      [
        'an e-mail address that is none',
        { attribute: 'shared.email', value: 'ada' },
        'PROFILE_VALUE_INVALID',
        'shared.email',
      ],
      [
        'a record by its id in the source',
        { attribute: 'contact.record', value: 'ada@example.com' },
        'PROFILE_VALUE_INVALID',
        'contact.record',
      ],
      ['less than none', { attribute: 'cases.open', value: -1 }, 'PROFILE_VALUE_INVALID', 'cases.open'],
      [
        'a day there is not',
        { attribute: 'stage.since', value: '2026-13-40' },
        'PROFILE_VALUE_INVALID',
        'stage.since',
      ],
      [
        'a member nobody asked for',
        { ...good, note: 'call her' },
        'PROFILE_WRITE_UNREADABLE',
        'unknown member',
      ],
      ['no pid', { ...good, pid: undefined }, 'PROFILE_WRITE_UNREADABLE', 'pid'],
      ['nobody in particular', { ...good, pid: 'anonymous' }, 'PROFILE_WRITE_UNREADABLE', 'pid'],
      ['no value', { ...good, value: undefined }, 'PROFILE_WRITE_UNREADABLE', 'value'],
      ['a version with a fraction', { ...good, version: 1.5 }, 'PROFILE_WRITE_UNREADABLE', 'version'],
      ['a version beyond all counting', { ...good, version: 2 ** 53 }, 'PROFILE_WRITE_UNREADABLE', 'version'],
      ['a time without a zone', { ...good, at: '2026-05-01T10:00:00' }, 'PROFILE_WRITE_UNREADABLE', 'at'],
      ['a yes that is a word', { ...good, confirmed: 'yes' }, 'PROFILE_WRITE_UNREADABLE', 'confirmed'],
      ['the future', { ...good, at: '2026-05-01T12:05:01Z' }, 'PROFILE_WRITE_FROM_THE_FUTURE', 'at'],
      ['long ago', { ...good, at: '2024-05-01T11:59:59Z' }, 'PROFILE_WRITE_TOO_OLD', 'at'],
      ['somebody nobody knows', { ...good, pid: 'p1_nobody' }, 'PROFILE_PERSON_UNKNOWN', 'pid'],
    ])('%s', async (_, line, code, place) => {
      const outcomes = await write('crm', good, line, { ...good, version: 2 })
      const isEmail = JSON.stringify(line).includes('email')
      expect(outcomes[0]).toMatchObject({ outcome: 'lost', rule: 'own version' })
      expect(outcomes[1]).toMatchObject({ line: 2, outcome: 'refused', code })
      expect(outcomes[1]).toHaveProperty('message', expect.stringContaining(`(${place})`))
      expect(outcomes[2]).toMatchObject({ outcome: 'holds' })
      if (!isEmail) expect(JSON.stringify(outcomes)).not.toContain('ask Ada')
    })

    test.each([
      '',
      'null',
      '[]',
      '"ada"',
      '{"pid":',
      '{"pid":"ada\uFFFD"}',
      `{"pid":"${'a'.repeat(70_000)}"}`,
    ])('a line that is no object', async (line) => {
      const [outcome] = await takeProfileWrites([line], 'crm', desk)
      expect(outcome).toMatchObject({ outcome: 'refused', code: 'PROFILE_WRITE_UNREADABLE' })
    })
  })

  test('what is kept too long is removed, each attribute after its own time', async () => {
    await write('crm', { attribute: 'cases.open', value: 1 }, { attribute: 'account.tier', value: 'plus' })
    const year = 365 * 86_400_000
    expect(await expireWrites(desk.store, registry, NOON + year - 60_001)).toBe(0)
    expect(await expireWrites(desk.store, registry, NOON + year - 60_000)).toBe(1)
    expect([await holding('cases.open'), (await holding('account.tier')).holds?.value]).toEqual([
      { holds: null, lost: [] },
      'plus',
    ])
  })

  describe('what rests on consent', () => {
    const segment = { attribute: 'segments.names', value: ['bargain-hunter'] }

    test('is not taken of who said no, or said nothing', async () => {
      await desk.standings.write([heard('bo', 'profiling', 8, false)], '8')
      for (const pid of ['bo', 'cyd'])
        expect(await write('cdp', { ...segment, pid })).toMatchObject([
          { outcome: 'refused', code: 'PROFILE_CONSENT_MISSING' },
        ])
    })

    test('is gone with a withdrawal, what lost with it, and does not come back with a later yes', async () => {
      await write('cdp', segment, { ...segment, value: ['early-bird'], version: 2 })
      const before = await holding('segments.names')
      expect([before.holds?.version, before.lost.length]).toEqual([2, 1])
      await desk.standings.write([heard('ada', 'profiling', 9, false)], '9')
      expect(await holding('segments.names')).toEqual({ holds: null, lost: [] })
      expect(await desk.store.purgeDead(NOON)).toBe(2)

      desk.since.set('11', NOON)
      await desk.standings.write([{ ...heard('ada', 'profiling', 11), cut: '9' }], '11')
      expect(await write('cdp', { ...segment, version: 2 })).toMatchObject([
        { code: 'PROFILE_CONSENT_MISSING' },
      ])
      desk.now = NOON + 60_000
      const anew = { ...segment, version: 3, at: new Date(NOON + 1).toISOString() }
      expect(await write('cdp', anew)).toMatchObject([{ outcome: 'holds' }])
    })

    test('goes alone: what the contract is the basis of stays', async () => {
      await write('cdp', segment, { attribute: 'shared.country', value: 'DE' })
      await desk.standings.write([heard('ada', 'profiling', 9, false)], '9')
      expect(await desk.store.purgeDead(NOON)).toBe(1)
      expect((await holding('shared.country')).holds?.value).toBe('DE')
    })

    test('an erasure takes everything, and nothing is taken after it', async () => {
      await write('cdp', { attribute: 'shared.email', value: 'ada@example.org' })
      await write('crm', { attribute: 'shared.email', value: 'ada@example.com' })
      await desk.standings.write([], '9', { blocks: [{ pid: 'ada', kind: 'erased', revision: '9' }] })
      expect(await holding('shared.email')).toEqual({ holds: null, lost: [] })
      expect(await desk.store.purgeDead(NOON)).toBe(2)
      expect(await write('crm', { attribute: 'account.tier', value: 'plus' })).toMatchObject([
        { outcome: 'refused', code: 'PROFILE_PERSON_BLOCKED' },
      ])
    })
  })
})
