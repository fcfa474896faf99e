import { describe, expect, test } from 'vitest'
import type { ConsentState } from '../../gateway/ports.ts'
import { createSpoken, leasedOrAsked } from '../../gateway/start/leased-or-asked.ts'

const state = (subject: string): ConsentState => ({ subject }) as ConsentState
const NEVER = new Promise<never>(() => undefined)

/** A service that is asked for each request says of everybody that they are `asked`; by leases they are `leased`. */
const opened = ({ holds = true } = {}) => {
  const spoken = createSpoken(true)
  const consent = leasedOrAsked(
    {
      known: (subject) => state(`leased ${subject}`),
      load: (subjects) =>
        holds ? Promise.resolve(new Map(subjects.map((one) => [one, state(`leased ${one}`)]))) : NEVER,
      changes: { holds: () => holds, position: () => 0, after: () => null, reach: () => NEVER },
    },
    { load: async (subjects) => new Map(subjects.map((one) => [one, state(`asked ${one}`)])) },
    spoken,
  )
  return { spoken, consent }
}

const isOver = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), 20))])

describe('A service that says it hands out no leases', () => {
  test('is asked for each request', async () => {
    const { spoken, consent } = opened({ holds: false })
    const loading = consent.load(['ada'], {})
    spoken.isNot()
    expect([...(await loading).values()]).toEqual([state('asked ada')])
    expect(consent.known?.('ada', {})).toBeUndefined()
    expect(await isOver(consent.changes!.reach('7'))).toBe(true)
    expect(consent.changes?.holds()).toBe(true)
  })

  test('and hands one out later, as behind a door that was not ready, is believed from then on', async () => {
    const { spoken, consent } = opened()
    spoken.isNot()
    spoken.isSpoken()
    expect([...(await consent.load(['ada'], {})).values()]).toEqual([state('leased ada')])
    expect(consent.known?.('ada', {})).toEqual(state('leased ada'))
    // A withdrawal that nobody has heard of here is waited for.
    expect(await isOver(consent.changes!.reach('7'))).toBe(false)
    expect(spoken.isNot()).toBe(false)
  })

  test('is not answered in its place while a lease that was had is lost', async () => {
    const { spoken, consent } = opened({ holds: false })
    spoken.isNot()
    spoken.isSpoken()
    expect(await isOver(consent.load(['ada'], {}))).toBe(false)
    expect(consent.changes?.holds()).toBe(false)
  })
})
