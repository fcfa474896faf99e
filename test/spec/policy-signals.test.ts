import { TCModel, TCString, VendorVectorEncoder } from '@iabtechlabtcf/core'
import { GraphQLError } from 'graphql'
import { describe, expect, test, vi } from 'vitest'
import { MOST_GPP_LENGTH, readGppString } from '../../subgraphs/consent/policy/signals/read-gpp-string.ts'
import { type RawSignals, readSignals } from '../../subgraphs/consent/policy/signals/read-signals.ts'
import { MOST_TC_LENGTH, readTcString } from '../../subgraphs/consent/policy/signals/read-tc-string.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'
import {
  base64,
  coreOf,
  int,
  restriction,
  tcStringOf,
  vendorRanges,
  vendors,
} from '../support/policy/tc-string-of.ts'

const bundle = bundleOf(`${NAMED}${STRICT()}
signals:
  gpc: [third_party_sharing]
  tcf:
    analytics: { purposes: [1, 8, 9] }
    profiling: { purposes: [1, 3], specialFeatures: [1] }
    third_party_sharing: { purposes: [1, 8], vendors: [2] }
  gpp: { third_party_sharing: [SaleOptOut, SharingOptOut, Gpc], profiling: [TargetedAdvertisingOptOut] }
  gcm: { analytics: [analytics_storage], third_party_sharing: [ad_storage, ad_user_data] }
`)

const says = async (raw: RawSignals): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await readSignals(bundle, raw)).map(({ kind, scope, says: word }) => [`${kind} ${scope}`, word]),
  )

const refusal = async (run: () => unknown): Promise<unknown> => {
  try {
    await run()
  } catch (error) {
    return error instanceof GraphQLError ? error.extensions['code'] : error
  }
  return 'no refusal'
}

describe('Sec-GPC', () => {
  test.each<[string | null, object]>([
    ['1', { 'gpc third_party_sharing': 'no' }],
    // "exactly the numeric character 1": everything else is no signal (W3C Global Privacy Control, 3.2).
    ['0', {}],
    ['true', {}],
    ['', {}],
    [null, {}],
  ])('%j', async (gpc, expected) => {
    expect(await says({ gpc })).toEqual(expected)
  })
})

describe('A TCF 2.3 string', () => {
  test('says yes to a scope when it consents to all that the scope needs, else no', async () => {
    expect(await says({ tcf: tcStringOf() })).toEqual({
      'tcf analytics': 'yes',
      'tcf profiling': 'no',
      'tcf third_party_sharing': 'yes',
    })
    expect(await says({ tcf: tcStringOf({ purposes: [1, 3], specialFeatures: [1] }) })).toMatchObject({
      'tcf analytics': 'no',
      'tcf profiling': 'yes',
    })
  })

  test('says no for a vendor without consent, not shown, or restricted by the publisher', async () => {
    const sharing = async (parts: Parameters<typeof tcStringOf>[0]): Promise<unknown> =>
      (await says({ tcf: tcStringOf(parts) }))['tcf third_party_sharing']
    const restricted = (purpose: number, type: number): string =>
      int(1, 12) + restriction(purpose, type, [[1, 3]])
    expect(await sharing({ vendors: vendors(10, [3]) })).toBe('no')
    expect(await sharing({ disclosed: vendors(10, [1, 3]) })).toBe('no')
    expect(await sharing({ disclosed: vendors(0, []) })).toBe('no')
    expect(await sharing({ restrictions: restricted(8, 0) })).toBe('no')
    expect(await sharing({ restrictions: restricted(8, 2) })).toBe('no')
    expect(await sharing({ restrictions: restricted(8, 1) })).toBe('yes')
    expect(await sharing({ restrictions: restricted(10, 0) })).toBe('yes')
  })

  test('without the disclosed vendors segment is refused, whatever its date', async () => {
    const code = await refusal(() => readTcString(tcStringOf({ disclosed: null }), 'tcf'))
    expect(code).toBe('TC_STRING_WITHOUT_DISCLOSED_VENDORS')
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['no base64', 'C!'],
    ['cut off in the middle', tcStringOf().slice(0, 20)],
    ['cut off in the vendors', `${tcStringOf().split('.')[0]?.slice(0, -8)}.${tcStringOf().split('.')[1]}`],
    ['of version 1', tcStringOf({ version: 1 })],
    ['of version 3', tcStringOf({ version: 3 })],
    [
      'with something behind its end',
      `${base64(`${coreOf({})}${'0'.repeat(40)}1`)}.${tcStringOf().split('.')[1]}`,
    ],
    [
      'with a bit in its padding',
      `${base64(coreOf({}).padEnd(Math.ceil((coreOf({}).length + 1) / 24) * 24 - 1, '0') + '1')}.${tcStringOf().split('.')[1]}`,
    ],
    ['with much padding', `${tcStringOf().split('.')[0]}AAAAAAAA.${tcStringOf().split('.')[1]}`],
    ['with a segment twice', `${tcStringOf()}.${tcStringOf().split('.')[1]}`],
    ['with a segment nobody knows', `${tcStringOf()}.${base64(int(5, 3) + int(0, 21))}`],
    ['with an empty segment', `${tcStringOf()}.`],
    ['with a range that ends before it begins', tcStringOf({ vendors: vendorRanges(10, [[9, 3]]) })],
    ['with a range beyond the highest vendor', tcStringOf({ vendors: vendorRanges(10, [[9, 11]]) })],
    ['with vendor 0', tcStringOf({ vendors: vendorRanges(10, [[0, 0]]) })],
    ['with a restriction of no type', tcStringOf({ restrictions: int(1, 12) + restriction(8, 3, [[1, 2]]) })],
    [
      'with a restriction twice',
      tcStringOf({ restrictions: int(2, 12) + restriction(8, 0, [[1, 2]]) + restriction(8, 0, [[3, 3]]) }),
    ],
  ])('%s is refused, and not read in part', async (_which, text) => {
    expect(await refusal(() => says({ tcf: text }))).toBe('TC_STRING_INVALID')
  })

  test('a refusal does not repeat the string', () => {
    const text = tcStringOf({ version: 1 })
    expect(() => readTcString(text, 'tcf')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(text) as string }) as Error,
    )
  })
})

describe('Known errors of the TCF library are worked around or found', () => {
  const disclosed = `.${tcStringOf().split('.')[1]}`
  const restrictionsOf = (text: string): object =>
    Object.fromEntries(
      [...readTcString(text, 'tcf').restrictions].map(([key, ids]) => [key, [...ids].join()]),
    )

  test('iabtcf-es #112: a range of vendors in a restriction is not widened', () => {
    const text = 'COwWHt-OwWHt-DNACOENAXCAANDAAEkAAAAAFpQBQABAAGgAQABIBXgFpAK_ABAK-ACCAAwAIAAk'
    expect(restrictionsOf(text + disclosed)).toEqual({ '1-0': '8,9' })
  })

  test('iabtcf-es #113: ranges of several restrictions are not widened', () => {
    const text = 'COutSEYOutSEYDNAFAENATDAAKlAAKlAAAhoAAAAAABggAMAAgAICQAYADAASHAAgAHAAA'
    expect(restrictionsOf(text + disclosed)).toEqual({ '1-0': '2,3,4,5,6,7,8', '2-1': '6,7,8,9', '3-2': '7' })
  })

  test('iabtcf-es #112, #113: a decoder that widens ranges again is found, and its string refused', async () => {
    const decode = TCString.decode.bind(TCString)
    const widening = vi.spyOn(TCString, 'decode').mockImplementation((text) => {
      const model = decode(text)
      const [first] = model.publisherRestrictions.getRestrictions()
      if (first) model.publisherRestrictions.add(10, first)
      return model
    })
    const text = tcStringOf({ restrictions: int(1, 12) + restriction(8, 0, [[5, 8]]) })
    expect(await refusal(() => readTcString(text, 'tcf'))).toBe('TC_STRING_INVALID')
    widening.mockRestore()
    expect(restrictionsOf(text)).toEqual({ '8-0': '5,6,7,8' })
  })

  test('iabtcf-es #452: an encoder that drops restrictions is found, and its string refused', async () => {
    const encode = TCString.encode.bind(TCString)
    const dropping = vi.spyOn(TCString, 'encode').mockImplementation((model) => {
      const bare = new TCModel(model.gvl)
      Object.assign(bare, { cmpId: 21, cmpVersion: 1, publisherCountryCode: 'DE' })
      bare.purposeConsents.set([1, 8, 9])
      bare.vendorConsents.set([2, 3])
      bare.vendorsDisclosed.set([1, 2, 3])
      return encode(bare)
    })
    const restrictions = int(1, 12) + restriction(2, 2, [[2, 2]])
    expect(await refusal(() => readTcString(tcStringOf({ restrictions }), 'tcf'))).toBe('TC_STRING_INVALID')
    expect(await refusal(() => readTcString(tcStringOf(), 'tcf'))).toBe('no refusal')
    dropping.mockRestore()
    expect(restrictionsOf(tcStringOf({ restrictions }))).toEqual({ '2-2': '2' })
  })

  test('iabtcf-es #495: vendors above 1142 are read, and an encoder that forgets them is found', async () => {
    const high = tcStringOf({
      vendors: vendorRanges(1300, [
        [2, 2],
        [1143, 1216],
      ]),
      disclosed: vendorRanges(1300, [[1, 1300]]),
    })
    expect(readTcString(high, 'tcf').vendorConsents.has(1216)).toBe(true)
    expect(readTcString(high, 'tcf').vendorsDisclosed.size).toBe(1300)
    const encode = VendorVectorEncoder.encode.bind(VendorVectorEncoder)
    const forgetting = vi.spyOn(VendorVectorEncoder, 'encode').mockImplementation((vector) => {
      vector.unset([...vector.values()].filter((id) => id > 1142))
      return encode(vector)
    })
    expect(await refusal(() => readTcString(high, 'tcf'))).toBe('TC_STRING_INVALID')
    forgetting.mockRestore()
  })
})

describe('A TCF string is bounded', () => {
  test('in length', async () => {
    expect(await refusal(() => readTcString('C'.repeat(MOST_TC_LENGTH + 1), 'tcf'))).toBe(
      'TC_STRING_TOO_LONG',
    )
  })

  test.each<[string, string]>([
    ['a vendor beyond all lists', tcStringOf({ vendors: vendorRanges(65_535, [[1, 65_535]]) })],
    [
      'restrictions that unfold into millions of vendors',
      tcStringOf({
        restrictions:
          int(24, 12) +
          Array.from({ length: 24 }, (_, index) =>
            restriction(
              index + 1,
              0,
              Array.from({ length: 40 }, () => [1, 9_999] as const),
            ),
          ).join(''),
      }),
    ],
  ])('in what it unfolds into: %s is refused before the library sees it', async (_which, text) => {
    const decode = vi.spyOn(TCString, 'decode')
    expect(text.length).toBeLessThan(MOST_TC_LENGTH)
    expect(await refusal(() => readTcString(text, 'tcf'))).toBe('TC_STRING_INVALID')
    expect(decode).not.toHaveBeenCalled()
    decode.mockRestore()
  })
})

describe('A GPP string', () => {
  test.each<[string, string, object]>([
    [
      'that opts out of sale in Colorado',
      'DBABJg~BVUAAJg.QA',
      { 'gpp third_party_sharing': 'no', 'gpp profiling': 'no' },
    ],
    [
      'that does not opt out nationally',
      'DBABLA~BVQqAAAAAgA.QA',
      { 'gpp third_party_sharing': 'yes', 'gpp profiling': 'yes' },
    ],
    ['that opts out in California', 'DBABBg~BUUAAAFY.QA', { 'gpp third_party_sharing': 'no' }],
    ['with the US Privacy String: opted out', 'DBABTA~1YYN', { 'gpp third_party_sharing': 'no' }],
    ['with the US Privacy String: not opted out', 'DBABTA~1YNN', { 'gpp third_party_sharing': 'yes' }],
    ['with the US Privacy String: does not apply', 'DBABTA~1---', {}],
    ['without sections', 'DBAA', {}],
  ])('%s', async (_which, gpp, expected) => {
    expect(await says({ gpp })).toEqual(expected)
  })

  test('with a TCF section says what the TCF string says', async () => {
    expect(await says({ gpp: `DBABMA~${tcStringOf()}` })).toEqual(await says({ tcf: tcStringOf() }))
    expect(await refusal(() => says({ gpp: `DBABMA~${tcStringOf({ disclosed: null })}` }))).toBe(
      'TC_STRING_WITHOUT_DISCLOSED_VENDORS',
    )
  })

  test.each<[string, string, string]>([
    ['that is none', 'hello', 'GPP_STRING_INVALID'],
    ['that is empty', '', 'GPP_STRING_INVALID'],
    ['with fewer sections than it says', 'DBABJg', 'GPP_STRING_INVALID'],
    ['with more sections than it says', 'DBABJg~BVUAAJg.QA~BVUAAJg.QA', 'GPP_STRING_INVALID'],
    ['iabgpp-es #25: with an empty section', 'DBABLA~', 'GPP_STRING_INVALID'],
    ['iabgpp-es #25: with a section that is not there but for its end', 'DBABLA~YA', 'GPP_STRING_INVALID'],
    ['iabgpp-es #72: with a section of an older layout', 'DBABLA~BVVKqqqqqoCA.QA', 'GPP_STRING_INVALID'],
    ['with a section cut off', 'DBABBg~BUUAAAF.QA', 'GPP_STRING_INVALID'],
    ['with a section that goes on', 'DBABLA~CVVVVVVVVVVVVVWA.YA', 'GPP_STRING_INVALID'],
    ['with a segment more than there are', 'DBABBg~BUUAAAFY.QA.QA', 'GPP_STRING_INVALID'],
    ['with a US Privacy String that is none', 'DBABTA~1YX', 'GPP_STRING_INVALID'],
    ['with the section of Canada, which is not read', 'DBABjw~CPw', 'GPP_SECTION_UNSUPPORTED'],
    ['that is too long', `DBABLA~${'A'.repeat(MOST_GPP_LENGTH)}`, 'GPP_STRING_TOO_LONG'],
  ])('%s is refused', async (_which, gpp, code) => {
    expect(await refusal(() => says({ gpp }))).toBe(code)
  })

  test('iabgpp-es #101: what is asked is read, not the zeros it was made with', () => {
    const { sections } = readGppString('DBABRg~BVqqqpY', 'gpp')
    expect(Object.fromEntries(sections.get('usva') ?? [])).toEqual({
      SaleOptOut: 'in',
      TargetedAdvertisingOptOut: 'in',
    })
  })
})

describe('Google consent mode v2', () => {
  test.each<[Record<string, string>, object]>([
    [{ analytics_storage: 'granted' }, { 'gcm analytics': 'yes' }],
    [{ analytics_storage: 'denied' }, { 'gcm analytics': 'no' }],
    [{ ad_storage: 'granted' }, {}],
    [{ ad_storage: 'granted', ad_user_data: 'denied' }, { 'gcm third_party_sharing': 'no' }],
    [{ ad_storage: 'granted', ad_user_data: 'granted' }, { 'gcm third_party_sharing': 'yes' }],
    [{}, {}],
  ])('%j', async (mode, expected) => {
    expect(await says({ consentMode: new Map(Object.entries(mode)) })).toEqual(expected)
  })

  test.each([{ ad_storage: 'yes' }, { storage: 'granted' }, { ad_storage: '' }])(
    '%j is refused',
    async (mode) => {
      const consentMode = new Map<string, string>(Object.entries(mode))
      expect(await refusal(() => says({ consentMode }))).toBe('CONSENT_MODE_INVALID')
    },
  )
})
