import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConsentNetwork, createConsentNetwork } from '../support/consent-network.ts'
import { openPeopleDoor } from '../support/open-people-door.ts'
import { canary } from '../support/people-graph.ts'

let network: ConsentNetwork
beforeEach(async () => {
  network = createConsentNetwork()
  await network.give('ada', 'contact')
})
afterEach(() => network.close())

/** Between the last look at consent and the write; a process may stand still anywhere. */
const isWithdrawn = async (): Promise<void> => {
  const effect = await network.barrier.waitFor(await network.withdraw('ada', 'contact'), 2_000)
  expect(effect.effective).toBe('EFFECTIVE')
}

const told = async (query: string, stoodStill: 'first' | 'rest', accept: string): Promise<string> => {
  const door = await openPeopleDoor({
    world: { consents: {}, consent: network.gateway() },
    within: (gateway) => ({
      execute: (request) => gateway.execute(request),
      subscribe: (request) => gateway.subscribe(request),
      async executeInParts(request) {
        const parts = await gateway.executeInParts(request)
        if (stoodStill === 'first') await isWithdrawn()
        const rest = parts?.rest ?? null
        if (parts === null || rest === null) return parts
        const later = async () => {
          const increments = await rest()
          if (stoodStill === 'rest') await isWithdrawn()
          return increments
        }
        return { first: parts.first, rest: later }
      },
    }),
  })
  try {
    const answer = await fetch(`${door.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query }),
    })
    return await answer.text()
  } finally {
    await door.close()
  }
}

const MULTIPART = 'multipart/mixed;deferSpec=20220824, application/json'

test.each([MULTIPART, 'text/event-stream'])(
  'the first part does not leave when somebody has withdrawn what is in it: %s',
  async (accept) => {
    const text = await told('{ person(id: "ada") { email ... @defer { name } } }', 'first', accept)
    expect(text).not.toContain(canary('ada', 'email'))
    expect(text).toContain('"CONSENT_OVERTAKEN"')
  },
)

test.each([MULTIPART, 'text/event-stream'])('nor does what was deferred: %s', async (accept) => {
  const text = await told('{ person(id: "ada") { name ... @defer { email } } }', 'rest', accept)
  expect(text).not.toContain(canary('ada', 'email'))
  expect(text).toContain('"incremental":[{"errors":[')
  expect(text).toContain('"CONSENT_OVERTAKEN"')
  expect(text).toContain('"hasNext":false')
})
