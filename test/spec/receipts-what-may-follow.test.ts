import { beforeEach, describe, expect, test } from 'vitest'
import { RECEIPT_STATUSES } from '../../directives/consent-status.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { effectiveState } from '../../subgraphs/consent/receipts/effective-state.ts'
import type { ReceiptStatus } from '../../subgraphs/consent/receipts/receipt.ts'
import { stateAfter } from '../../subgraphs/consent/receipts/transitions.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { firstReceipt, NOON } from '../support/receipts.ts'

/**
 * What was said last (rows), what is said now (columns), in the order of the ten states: `+` comes about as said, `n` renews,
 * `w` withdraws, `-` is refused.
 */
const TABLE = `
  .                 requested request_deferred refused given renewed withdrawn revoked expired invalidated unknown
  nothing           +         -                +       +     -       +         -       -       -           +
  requested         +         +                +       +     -       +         -       -       -           -
  request_deferred  +         +                +       +     -       +         -       -       -           -
  refused           +         -                +       +     -       +         -       -       -           -
  given             -         -                w       n     +       +         +       +       +           -
  renewed           -         -                w       n     +       +         +       +       +           -
  withdrawn         +         -                +       +     -       +         -       -       +           -
  revoked           +         -                +       +     -       +         -       -       +           -
  expired           +         -                +       +     +       +         -       -       +           -
  invalidated       +         -                +       +     -       +         -       -       -           -
  unknown           +         -                +       +     -       +         -       -       +           -`

const [columns = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
const said = columns.slice(1) as ReceiptStatus[]

const cells = rows.flatMap(([before = '', ...marks]) =>
  marks.map((mark, index) => [before, said[index] ?? 'unknown', mark] as const),
)

const outcome = (word: ReceiptStatus, mark: string): ReceiptStatus | null =>
  ({ '+': word, n: 'renewed' as const, w: 'withdrawn' as const })[mark] ?? null

let store: ConsentStore
beforeEach(() => {
  store = createMemoryConsentStore()
})

describe('What may be said next', () => {
  test('is told for every state and every word', () => {
    expect(said).toEqual(RECEIPT_STATUSES)
    expect(rows.map(([before]) => before)).toEqual(['nothing', ...RECEIPT_STATUSES])
    expect(cells).toHaveLength(110)
  })

  test.each(cells)('after %s, %s: %s', async (before, word, mark) => {
    const next = outcome(word, mark)
    expect(stateAfter(before === 'nothing' ? undefined : (before as ReceiptStatus), word)).toBe(next)

    if (before !== 'nothing')
      await store.append([firstReceipt('ada', 'analytics', { status: before as ReceiptStatus })])
    const writing = say(word)
    if (next === null)
      await expect(writing).rejects.toMatchObject({ extensions: { code: 'STATUS_CANNOT_FOLLOW' } })
    else expect(await writing).toMatchObject([{ status: next }])
  })

  test('a no is taken after everything', () => {
    for (const before of [undefined, ...RECEIPT_STATUSES]) {
      expect(stateAfter(before, 'withdrawn')).toBe('withdrawn')
      expect(stateAfter(before, 'refused')).toMatch(/^(refused|withdrawn)$/)
    }
  })
})

describe('The trap of the naive question, whether there is a receipt that still grants', () => {
  const stateNow = async (now = NOON) => {
    const record = (await store.records(['ada'])).get('ada')
    return record && effectiveState(record, {}, now).scopes.get('analytics')?.status
  }

  test('an older receipt that has not run out does not grant when a later word was no', async () => {
    await say('given', { expiresAt: '2030-01-01T00:00:00Z' })
    await say('withdrawn')
    expect((await store.history('ada')).map(({ status }) => status)).toEqual(['given', 'withdrawn'])
    expect(await stateNow()).toBe('withdrawn')
  })

  test('a long consent does not come back when a shorter one that renewed it has run out', async () => {
    await say('given', { expiresAt: '2030-01-01T00:00:00Z' })
    await say('given', { expiresAt: '2026-05-01T12:00:01Z' })
    expect(await stateNow(NOON + 999)).toBe('renewed')
    expect(await stateNow(NOON + 1000)).toBe('expired')
  })

  test('a yes of a device that was offline does not undo the no that came after it', async () => {
    await store.append([firstReceipt('ada', 'analytics', { status: 'withdrawn' })])
    await expect(say('given', { at: '2026-05-01T11:59:59Z' })).rejects.toMatchObject({
      extensions: { code: 'CONSENT_CHANGED_MEANWHILE' },
    })
    expect(await stateNow()).toBe('withdrawn')
  })

  test('a no of a device that was offline is taken late as it is in time', async () => {
    await store.append([firstReceipt('ada')])
    await say('withdrawn', { at: '2026-05-01T11:59:59Z' })
    expect(await stateNow()).toBe('withdrawn')
  })
})

describe('A statement that is sent again', () => {
  const statement = 'statement-1'

  test('is answered with the receipts it has', async () => {
    const first = await say('given', { statement, scopes: ['analytics', 'profiling'] })
    expect(await say('given', { statement, scopes: ['analytics', 'profiling'] })).toEqual(first)
    await say('withdrawn')
    expect(await say('given', { statement, scopes: ['analytics', 'profiling'] })).toEqual(first)
    expect(await store.revision()).toBe('3')
  })

  test.each<[string, object]>([
    ['another scope', { scopes: ['profiling'] }],
    ['one scope more', { scopes: ['analytics', 'profiling'] }],
    ['another brand', { brand: 'north' }],
    ['another end', { expiresAt: '2030-01-01T00:00:00Z' }],
  ])('with %s is refused, and nothing is written', async (_what, change) => {
    await say('given', { statement })
    await expect(say('given', { statement, ...change })).rejects.toMatchObject({
      extensions: { code: 'STATEMENT_ID_REUSED' },
    })
    await expect(say('withdrawn', { statement })).rejects.toMatchObject({
      extensions: { code: 'STATEMENT_ID_REUSED' },
    })
    expect(await store.revision()).toBe('1')
  })
})

describe('What cannot be recorded', () => {
  test.each<[string, object]>([
    ['RECEIPT_FROM_THE_FUTURE', { at: '2026-05-01T12:00:06Z' }],
    ['RECEIPT_FROM_THE_FUTURE', { at: 'canary' }],
    ['INVALID_EXPIRY', { expiresAt: '2026-05-01T12:00:00Z' }],
    ['INVALID_CONTEXT', { brand: 'the canary brand' }],
    ['INVALID_CONTEXT', { surface: 'canary?' }],
    ['INVALID_CIRCUMSTANCE', { statement: 'canary' }],
    ['INVALID_CIRCUMSTANCE', { notice: { version: 'canary 1' } }],
    ['INVALID_CIRCUMSTANCE', { notice: { version: '1', language: 'canary!' } }],
    ['INVALID_CIRCUMSTANCE', { controller: 'canary\n' }],
    ['INVALID_CIRCUMSTANCE', { recipients: ['canary'.repeat(50)] }],
    ['INVALID_CIRCUMSTANCE', { withdrawalMethod: '' }],
  ])('%s is refused without being repeated, and nothing is written', async (code, more) => {
    const refusal = await say('given', more).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ extensions: { code } })
    expect(String(refusal)).not.toContain('canary')
    expect(await store.revision()).toBe('0')
  })
})

function say(status: ReceiptStatus, more: object = {}) {
  const input = { pid: 'ada', scopes: ['analytics'], source: 'form', status, ...more }
  return writeReceipts(store, input, { vocabulary: standardVocabulary, now: NOON })
}
