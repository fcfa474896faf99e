import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { shownMe } from '../../subgraphs/consent/door/me.ts'
import { createNotices } from '../../subgraphs/consent/door/plain-words.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { usesSeenFrom } from '../../subgraphs/consent/shown-use.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { linkOf } from '../contract/consent-links.contract.ts'
import { firstReceipt, NOON, successor } from '../support/receipts.ts'
import { signedRequest } from '../support/signed-request.ts'

const KEY = 'the key of the consent subgraph'

let store: ConsentStore
let app: Awaited<ReturnType<typeof serveSubgraph>>
beforeEach(async () => {
  store = createMemoryConsentStore(() => NOON)
  app = await serveSubgraph({
    ...createConsentSubgraph({ store, expiryClock: () => NOON + 10 }),
    name: 'consent',
    grantKey: KEY,
    clock: () => NOON,
  })
})
afterEach(() => app.close())

const ask = async (query: string, variables: object = {}) => {
  const options = {
    subgraph: 'consent',
    key: KEY,
    now: NOON,
    lookups: { people: { scopes: ['crm_contact'] } },
  }
  return (await app.inject(signedRequest({ query, variables }, options))).json()
}

/** Of the scope, under a pid: what `Customer.consents` and the door say. */
const seenBy = async (pid: string) => {
  const query = `query ($people: [_Any!]!) { people: _entities(representations: $people) {
    ... on Customer { consents { scope status receipt holds heldBack } } } }`
  const answer = await ask(query, { people: [{ __typename: 'Customer', pid }] })
  const { scope: _scope, ...consents } = answer.data.people[0].consents.find(
    ({ scope }: { scope: string }) => scope === 'analytics',
  )
  const useOf = await usesSeenFrom(null, { region: null, brand: null, gpc: null })
  const notice = createNotices(standardVocabulary).get('en')!
  const record = (await store.records([pid])).get(pid)!
  const me = shownMe(record, { notice, place: {}, useOf, now: NOON + 10 }) as {
    scopes: Record<string, unknown>[]
  }
  const { status, receipt, holds, heldBack } = me.scopes.find(({ scope }) => scope === 'analytics')!
  expect({ status, receipt, holds, heldBack }).toEqual(consents)
  return consents
}

describe('A person who is linked', () => {
  const [ada, bo] = [firstReceipt('ada'), firstReceipt('bo', 'analytics', { status: 'refused' })]

  test('sees their own word, that it is held back, and never the word of the other', async () => {
    await store.append([ada, bo])
    expect(await seenBy('ada')).toEqual({
      status: 'GIVEN',
      receipt: ada.consentId,
      holds: 'YES',
      heldBack: false,
    })
    await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
    expect(await seenBy('ada')).toEqual({
      status: 'GIVEN',
      receipt: ada.consentId,
      holds: 'NO',
      heldBack: true,
    })
    expect(await seenBy('bo')).toEqual({
      status: 'REFUSED',
      receipt: bo.consentId,
      holds: 'NO',
      heldBack: false,
    })
    await store.unlink([{ decisionId: 'd1', at: NOON, by: 'bo' }], NOON)
    expect(await seenBy('ada')).toEqual({
      status: 'GIVEN',
      receipt: ada.consentId,
      holds: 'YES',
      heldBack: false,
    })
  })

  test('sees what was said under the other pid since then', async () => {
    await store.append([ada])
    await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
    const again = successor(ada, 'renewed', { at: NOON + 1 })
    await store.append([again])
    expect(await seenBy('bo')).toEqual({
      status: 'RENEWED',
      receipt: again.consentId,
      holds: 'YES',
      heldBack: false,
    })
  })

  test('is held back by a block under the other pid, too', async () => {
    await store.append([ada])
    await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
    await store.mark('bo', 'suppressed', NOON)
    const states = '{ consentStates(subjects: ["ada", "bo", "cyd"]) { subject blocked } }'
    expect((await ask(states)).data.consentStates).toEqual([
      { subject: 'ada', blocked: 'SUPPRESSED' },
      { subject: 'bo', blocked: 'SUPPRESSED' },
      { subject: 'cyd', blocked: null },
    ])
  })
})

describe('Whoever follows changes without a lease', () => {
  test('is told of everybody who is linked to whom a change is about', async () => {
    await store.append([firstReceipt('ada'), firstReceipt('cyd')])
    await store.link([linkOf('d1', ['ada', 'bo'])], NOON)
    await store.append([successor(firstReceipt('ada'), 'withdrawn')])
    const { data } = await ask('{ consentChanges(after: "2") { revision subject scopes status } }')
    const linked = { scopes: [], status: null }
    expect(data.consentChanges).toEqual([
      { revision: '3', subject: 'ada', ...linked },
      { revision: '3', subject: 'bo', ...linked },
      { revision: '4', subject: 'bo', ...linked },
      { revision: '4', subject: 'ada', ...linked },
      { revision: '5', subject: 'ada', scopes: ['analytics'], status: 'WITHDRAWN' },
      { revision: '5', subject: 'bo', ...linked },
    ])
  })
})
