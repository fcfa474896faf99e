import { expect, test } from 'vitest'
import { createJudge } from '../../subgraphs/consent/links/state-of.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { policyStandings } from '../../subgraphs/consent/policy/apply-policy.ts'
import type { Receipt } from '../../subgraphs/consent/receipts/receipt.ts'
import { linkOf } from '../contract/consent-links.contract.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'
import { firstReceipt, NOON, successor } from '../support/receipts.ts'

const UNKNOWN_AGE = bundleOf(`${NAMED}${STRICT().replace('unknownAge: allowed', 'unknownAge: denied')}`)

const [ada, bo] = [firstReceipt('ada', 'analytics', { expiresAt: NOON + 50 }), firstReceipt('bo')]

test('a yes alone waits for the bundle that denies it', async () => {
  expect(await waitingOf([bo], [])).toEqual({ receipt: bo.consentId, expiresAt: null })
})

test('of linked people who all say yes it waits until the first of them runs out', async () => {
  const waiting = { receipt: ada.consentId, expiresAt: NOON + 50 }
  expect(await waitingOf([bo, ada], [linkOf('d-1', ['ada', 'bo'])])).toEqual(waiting)
})

test('of linked people none waits where one was never asked, or says no', async () => {
  const link = [linkOf('d-1', ['ada', 'bo'])]
  expect(await waitingOf([bo], link)).toBeUndefined()
  expect(await waitingOf([bo, ada, successor(ada, 'withdrawn')], link)).toBeUndefined()
})

/** What waits of bo's yes. */
async function waitingOf(said: readonly Receipt[], links: readonly ReturnType<typeof linkOf>[]) {
  const store = createMemoryConsentStore(() => NOON)
  for (const receipt of said) await store.append([receipt])
  await store.link(links, NOON)
  const record = (await store.records(['bo'])).get('bo')
  const standings = await policyStandings(UNKNOWN_AGE, {})
  const state = record && createJudge({ context: {}, now: NOON, standings })(record)
  expect(state?.scopes.get('analytics')?.status, 'does not count').not.toBe('given')
  return state?.scopes.get('analytics')?.waiting
}
