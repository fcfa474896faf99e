import { describe, expect, test } from 'vitest'
import { type Context, effectiveState } from '../../subgraphs/consent/receipts/effective-state.ts'
import type { ReceiptStatus } from '../../subgraphs/consent/receipts/receipt.ts'
import type { Head } from '../../subgraphs/consent/store.ts'
import { firstReceipt, headOf, NOON } from '../support/receipts.ts'

describe('What is active now', () => {
  test.each<[ReceiptStatus]>([
    ['requested'],
    ['request_deferred'],
    ['refused'],
    ['given'],
    ['renewed'],
    ['withdrawn'],
    ['revoked'],
    ['expired'],
    ['invalidated'],
    ['unknown'],
  ])('is what was said last: %s', (status) => {
    expect(state([said(status)])).toBe(status)
  })

  test('is nothing about a scope nobody spoke of', () => {
    expect(state([])).toBeUndefined()
  })

  test.each<[string, number | null, string]>([
    ['that does not run out holds', null, 'given'],
    ['holds until the last millisecond', NOON + 1, 'given'],
    ['that ends now has ended', NOON, 'expired'],
    ['that ended has ended', NOON - 1, 'expired'],
  ])('a consent %s', (_which, expiresAt, status) => {
    expect(state([said('given', { expiresAt })])).toBe(status)
    expect(state([said('renewed', { expiresAt })])).toBe(status === 'given' ? 'renewed' : status)
  })

  test('a withdrawal stays one when the consent it ended would have run out', () => {
    expect(state([said('withdrawn', { expiresAt: NOON - 1 })])).toBe('withdrawn')
  })
})

/** `any` is a chain for all channels, `mail` and `DE` are chains for one; the use is by mail, in DE, or does not say. */
const anywhere: Context = {}
const byMail: Context = { channel: 'mail' }
const inDe: Context = { region: 'DE' }
const ofNorth: Context = { brand: 'north' }
const north = { brand: 'north' }
const mail = { channel: 'mail' }
const sms = { channel: 'sms' }
const de = { region: 'DE' }
const fr = { region: 'FR' }

describe('Where it was said', () => {
  test.each<[string, readonly Head[], Context, string]>([
    ['a yes for everywhere holds here', [said('given')], byMail, 'given'],
    ['a yes for this channel holds in it', [said('given', mail)], byMail, 'given'],
    ['a yes for another channel does not', [said('given', sms)], byMail, 'other_region'],
    ['a yes for this region holds in it', [said('given', de)], inDe, 'given'],
    ['a yes for another region does not', [said('given', fr)], inDe, 'other_region'],
    [
      'a yes for one channel says nothing about a use without one',
      [said('given', mail)],
      anywhere,
      'other_region',
    ],
    [
      'a yes for one channel in one region needs both',
      [said('given', { ...mail, ...de })],
      byMail,
      'other_region',
    ],
    [
      'a no for everywhere outweighs a yes for here',
      [said('withdrawn'), said('given', mail)],
      byMail,
      'withdrawn',
    ],
    [
      'a no for here outweighs a yes for everywhere',
      [said('given'), said('refused', mail)],
      byMail,
      'refused',
    ],
    [
      'a no for elsewhere leaves a yes for everywhere',
      [said('given'), said('refused', sms)],
      byMail,
      'given',
    ],
    [
      'a no for one channel binds a use that names none',
      [said('given'), said('refused', sms)],
      anywhere,
      'refused',
    ],
    ['a yes for this brand holds for it', [said('given', north)], ofNorth, 'given'],
    ['a yes for another brand does not', [said('given', { brand: 'south' })], ofNorth, 'other_region'],
    [
      'a no for one brand binds a use that names none',
      [said('given'), said('withdrawn', north)],
      anywhere,
      'withdrawn',
    ],
    ['a no of somebody else outweighs a yes', [said('given'), said('revoked', north)], ofNorth, 'revoked'],
    [
      'a yes for elsewhere that ran out is no yes',
      [said('given', { ...fr, expiresAt: NOON })],
      inDe,
      'nothing',
    ],
    ['a no for elsewhere alone is nothing said here', [said('withdrawn', fr)], inDe, 'nothing'],
    [
      'a yes that ran out outweighs one that holds',
      [said('given', { expiresAt: NOON }), said('given', mail)],
      byMail,
      'expired',
    ],
    ['null is as good as not stated', [said('given', mail)], { channel: null, region: null }, 'other_region'],
  ])('%s', (_rule, receipts, context, status) => {
    expect(state(receipts, context) ?? 'nothing').toBe(status)
  })

  test('of two that hold, the one that ends first is named', () => {
    const short = said('given', { ...mail, expiresAt: NOON + 5, consentId: 'short' })
    const long = said('given', { consentId: 'long' })
    for (const receipts of [
      [short, long],
      [long, short],
    ])
      expect(effectiveState(record(receipts), byMail, NOON).scopes.get('analytics')).toEqual({
        status: 'given',
        receipt: 'short',
        expiresAt: NOON + 5,
      })
  })
})

function state(latest: readonly Head[], context: Context = {}): string | undefined {
  return effectiveState(record(latest), context, NOON).scopes.get('analytics')?.status
}

function record(latest: readonly Head[]) {
  return { revision: '1', blocked: null, latest }
}

function said(status: ReceiptStatus, more: Partial<Head> = {}): Head {
  return { ...headOf(firstReceipt('ada')), consentId: 'r1', at: NOON - 10, status, ...more }
}
