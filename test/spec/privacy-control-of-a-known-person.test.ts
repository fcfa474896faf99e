import { beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary as vocabulary } from '../../directives/vocabulary.ts'
import { heedPrivacyControl } from '../../subgraphs/consent/heed-privacy-control.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { effectiveState } from '../../subgraphs/consent/receipts/effective-state.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const policy = bundleOf(`${NAMED}${STRICT()}signals: { gpc: [third_party_sharing, profiling] }`)

let store: ConsentStore
beforeEach(() => {
  store = createMemoryConsentStore()
})

const said = (status: 'given' | 'withdrawn', scope: string): Promise<unknown> =>
  writeReceipts(store, { pid: 'ada', scopes: [scope], source: 'form', status }, { vocabulary, now: NOON })

const heed = (bundle: PolicyBundle | null = policy): Promise<void> =>
  heedPrivacyControl({ store, vocabulary, policy: bundle })('ada', NOON)

const states = async (): Promise<object> => {
  const record = (await store.records(['ada'])).get('ada')
  if (record === undefined) return {}
  const { scopes } = effectiveState(record, {}, NOON)
  return Object.fromEntries([...scopes].map(([scope, { status }]) => [scope, status]))
}

describe('Where the browser of a known person says Global Privacy Control', () => {
  test('what the bundle maps is refused for good, once', async () => {
    await heed()
    expect(await states()).toEqual({ third_party_sharing: 'refused', profiling: 'refused' })
    const revision = await store.revision()
    await heed()
    expect(await store.revision()).toBe(revision)
  })

  test('what the person has said stays as it is', async () => {
    await said('given', 'third_party_sharing')
    await said('given', 'profiling')
    await said('withdrawn', 'profiling')
    await heed()
    expect(await states()).toEqual({ third_party_sharing: 'given', profiling: 'withdrawn' })
  })

  test('nothing is written without a bundle, or about who must not be used at all', async () => {
    await heed(null)
    await store.mark('ada', 'suppressed', NOON)
    const revision = await store.revision()
    await heed()
    expect(await store.revision()).toBe(revision)
    expect(await states()).toEqual({})
  })
})
