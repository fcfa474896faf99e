import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { RECEIPT_STATUSES } from '../../directives/consent-status.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { toConsentRecord } from '../../subgraphs/consent/receipts/consent-record.ts'
import { importRecords, type RecordOutcome } from '../../subgraphs/consent/receipts/import-records.ts'
import { readConsentRecord } from '../../subgraphs/consent/receipts/read-consent-record.ts'
import type { Receipt } from '../../subgraphs/consent/receipts/receipt.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { firstReceipt, fullReceipt, NOON, successor } from '../support/receipts.ts'

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 })

const anyReceipt: fc.Arbitrary<Receipt> = fc.record({
  consentId: text,
  statement: text,
  subject: text,
  scope: text,
  channel: orNull(text),
  region: orNull(text),
  brand: orNull(text),
  status: fc.constantFrom(...RECEIPT_STATUSES),
  at: instant,
  expiresAt: orNull(instant),
  source: text,
  actor: orNull(text),
  surface: orNull(text),
  notice: orNull(fc.record({ version: text, language: orNull(text) })),
  legalBasis: orNull(text),
  controller: orNull(text),
  recipients: fc.array(text),
  withdrawalMethod: orNull(text),
  proof: orNull(text),
  version: fc.integer({ min: 1 }),
  predecessor: orNull(text),
})

describe('A receipt as an ISO/IEC TS 27560 record', () => {
  test('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(anyReceipt, (receipt) => {
        const line = JSON.stringify(toConsentRecord(receipt))
        expect(readConsentRecord(JSON.parse(line))).toEqual(receipt)
      }),
    )
  })

  test('says in the words of DPV what others read', () => {
    expect(toConsentRecord(fullReceipt('bo'))).toMatchObject({
      '@type': 'dpv:ConsentRecord',
      'dct:conformsTo': 'https://w3id.org/dpv/schema/dpv-27560#record',
      'dpv:hasDataSubject': { 'dct:identifier': 'bo' },
      'dpv:hasConsentStatus': 'dpv:ConsentGiven',
      'dpv:hasNotice': { 'dct:hasVersion': '2026-04', 'dct:language': 'sv-SE' },
      'dpv:hasProcess': {
        'dpv:hasPurpose': 'analytics',
        'dpv:hasRecipient': ['North Mail AB', 'Ünïcode & Söner'],
      },
    })
  })

  test('of another system, without what only we say, is a receipt, too', () => {
    const { assent: _own, ...foreign } = toConsentRecord(firstReceipt('ada'))
    expect(readConsentRecord(foreign)).toMatchObject({
      subject: 'ada',
      statement: 'ada/analytics/1',
      version: null,
    })
  })

  test.each<[string, (record: Record<string, unknown>) => unknown, string]>([
    ['is no object', () => 'canary', 'record'],
    ['has no id', ({ 'dct:identifier': _id, ...rest }) => rest, 'dct:identifier'],
    [
      'has a time that is none',
      (record) => ({ ...record, 'dpv:isIndicatedAtTime': 'canary' }),
      'dpv:isIndicatedAtTime',
    ],
    [
      'has a status that is none',
      (record) => ({ ...record, 'dpv:hasConsentStatus': 'canary' }),
      'dpv:hasConsentStatus',
    ],
    [
      'names its status as a prototype does',
      (record) => ({ ...record, 'dpv:hasConsentStatus': 'constructor' }),
      'dpv:hasConsentStatus',
    ],
    ['has no purpose', (record) => ({ ...record, 'dpv:hasProcess': {} }), 'dpv:hasPurpose'],
    [
      'has recipients that are no texts',
      (record) => ({ ...record, 'dpv:hasProcess': { 'dpv:hasPurpose': 'a', 'dpv:hasRecipient': [1] } }),
      'dpv:hasRecipient',
    ],
  ])('that %s is refused with the member, and not with its value', (_what, spoil, member) => {
    const record = spoil({ ...toConsentRecord(firstReceipt('ada')) })
    try {
      readConsentRecord(record)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'CONSENT_RECORD_INVALID', place: member })
      expect(String(error)).not.toContain('canary')
    }
  })
})

describe('Records that are imported', () => {
  let store: ConsentStore
  beforeEach(() => {
    store = createMemoryConsentStore()
  })

  const later = NOON + 60_000

  async function imported(
    ...lines: readonly (Receipt | object | string)[]
  ): Promise<readonly RecordOutcome[]> {
    const outcomes: RecordOutcome[] = []
    const texts = lines.map((line) =>
      typeof line === 'string' ? line : JSON.stringify('consentId' in line ? toConsentRecord(line) : line),
    )
    const source = (async function* () {
      yield* texts
    })()
    const options = { vocabulary: standardVocabulary, now: later }
    for await (const outcome of importRecords(source, store, options)) outcomes.push(outcome)
    return outcomes
  }
  const words = (outcomes: readonly RecordOutcome[]) => outcomes.map(({ outcome }) => outcome)

  test('are what was exported, and come in once however often they are sent', async () => {
    const [first, both] = [firstReceipt('ada'), { statement: 'both-at-once' }]
    const said = [
      first,
      firstReceipt('bo', 'analytics', both),
      firstReceipt('bo', 'profiling', both),
      successor(first, 'withdrawn', { at: NOON + 1 }),
    ]
    expect(words(await imported(...said))).toEqual(Array.from({ length: 4 }, () => 'imported'))
    expect(await store.history('ada')).toEqual([said[0], said[3]])
    expect(await store.history('bo')).toEqual([said[1], said[2]])
    expect(words(await imported(...said))).toEqual(Array.from({ length: 4 }, () => 'there already'))
    expect(await store.revision()).toBe('4')
  })

  test('of another system go behind what was said last, and again only once', async () => {
    await store.append([firstReceipt('ada')])
    const { assent: _own, ...foreign } = toConsentRecord(
      firstReceipt('ada', 'analytics', { consentId: 'elsewhere-1', status: 'withdrawn', at: NOON + 5 }),
    )
    expect(words(await imported(foreign))).toEqual(['imported'])
    expect((await store.history('ada'))[1]).toMatchObject({ version: 2, predecessor: 'ada/analytics/1' })
    expect(words(await imported(foreign))).toEqual(['there already'])
  })

  test('are refused line by line, with the others taken', async () => {
    const ada = firstReceipt('ada')
    expect(
      await imported(
        '{ canary',
        firstReceipt('anonymous'),
        firstReceipt('bo', 'canary'),
        firstReceipt('bo', 'analytics', { at: later + 1, statement: 'line-4' }),
        firstReceipt('bo', 'analytics', { expiresAt: NOON, statement: 'line-5' }),
        firstReceipt('bo', 'analytics', { status: 'revoked', statement: 'line-6' }),
        '',
        ada,
        { ...ada, source: 'canary' },
        { ...successor(ada, 'withdrawn'), version: 5 },
      ),
    ).toEqual([
      { line: 1, outcome: 'CONSENT_RECORD_INVALID', place: 'JSON' },
      { line: 2, outcome: 'INVALID_SUBJECT', place: 'dpv:hasDataSubject' },
      { line: 3, outcome: 'UNKNOWN_SCOPE', place: 'dpv:hasPurpose' },
      { line: 4, outcome: 'RECEIPT_FROM_THE_FUTURE', place: 'dpv:isIndicatedAtTime' },
      { line: 5, outcome: 'INVALID_EXPIRY', place: 'dpv:hasExpiryTime' },
      { line: 6, outcome: 'STATUS_CANNOT_FOLLOW', place: 'dpv:hasConsentStatus' },
      { line: 8, outcome: 'imported' },
      { line: 9, outcome: 'STATEMENT_ID_REUSED' },
      { line: 10, outcome: 'CONSENT_CHANGED_MEANWHILE' },
    ])
    expect(await store.history('ada')).toEqual([ada])
    expect(await store.history('bo')).toEqual([])
  })

  test('are refused that say a thing twice; a mark of the byte order is none of theirs', async () => {
    const record = JSON.stringify(toConsentRecord(firstReceipt('ada')))
    const twice = record.replace(/}$/, ',"@type":"canary"}')
    const outcomes = []
    async function* lines() {
      yield `\uFEFF${record}`
      yield twice
    }
    for await (const row of importRecords(lines(), store, { vocabulary: standardVocabulary, now: NOON }))
      outcomes.push(row)
    expect(outcomes).toEqual([
      { line: 1, outcome: 'imported' },
      { line: 2, outcome: 'IMPORT_ROW_UNREADABLE', place: 'a name comes twice' },
    ])
  })

  test('of what was said before the last word are refused, unless they are a no: an old yes does not stand over it', async () => {
    const ada = firstReceipt('ada')
    await store.append([ada, successor(ada, 'withdrawn', { at: NOON + 10 })])
    const elsewhere = (consentId: string, more: Partial<Receipt>) => {
      const { assent: _own, ...record } = toConsentRecord({
        ...ada,
        consentId,
        statement: consentId,
        ...more,
      })
      return record
    }
    expect(
      await imported(
        elsewhere('old-yes', { at: NOON + 5 }),
        elsewhere('old-request', { at: NOON + 6, status: 'requested' }),
        elsewhere('old-no', { at: NOON + 7, status: 'withdrawn' }),
        elsewhere('new-yes', { at: NOON + 11 }),
      ),
    ).toMatchObject([
      { outcome: 'RECEIPT_OUT_OF_ORDER', place: 'dpv:isIndicatedAtTime' },
      { outcome: 'RECEIPT_OUT_OF_ORDER' },
      { outcome: 'imported' },
      { outcome: 'imported' },
    ])
  })

  test('of somebody who is suppressed are taken when they are a no', async () => {
    await store.mark('ada', 'suppressed', NOON)
    const no = firstReceipt('ada', 'profiling', { status: 'refused' })
    expect(words(await imported(firstReceipt('ada'), no))).toEqual(['SUBJECT_BLOCKED', 'imported'])
  })

  test.each<[string, Partial<Receipt>, string]>([
    ['a channel no database keeps', { channel: 'web\0' }, 'assent'],
    ['a region of two lines', { region: 'DE\nUS' }, 'dpv:hasJurisdiction'],
    ['a channel too long for an index', { channel: 'x'.repeat(65) }, 'assent'],
    ['a proof that is none', { proof: '<script>' }, 'assent'],
    ['a brand that separates', { brand: 'north\u001fsouth' }, 'assent'],
    ['half a character', { controller: 'North \ud800' }, 'dpv:hasDataController'],
    ['an endless id', { consentId: 'x'.repeat(5_000), statement: 's' }, 'dct:identifier'],
  ])('with %s are refused, and the others taken', async (_what, more, place) => {
    const odd = firstReceipt('bo', 'analytics', { consentId: 'odd', statement: 'odd', ...more })
    expect(await imported(odd, firstReceipt('ada'))).toEqual([
      { line: 1, outcome: 'CONSENT_RECORD_INVALID', place },
      { line: 2, outcome: 'imported' },
    ])
  })

  test('of one statement are taken together or not at all', async () => {
    const statement = 'both-at-once'
    const outcomes = await imported(
      firstReceipt('ada', 'analytics', { statement }),
      firstReceipt('ada', 'canary', { statement }),
    )
    expect(words(outcomes)).toEqual(['UNKNOWN_SCOPE', 'UNKNOWN_SCOPE'])
    expect(await store.revision()).toBe('0')
  })

  test('of an erased person stay out', async () => {
    await store.mark('ada', 'erased', NOON)
    expect(words(await imported(firstReceipt('ada')))).toEqual(['SUBJECT_BLOCKED'])
  })
})
