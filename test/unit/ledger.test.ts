import { describe, expect, it } from 'vitest'
import type { Decision } from '../../gateway/fence/decide.ts'
import { KnownStates } from '../../gateway/fence/known-states.ts'
import { createLedger, type Ledger } from '../../gateway/fence/ledger.ts'
import type { Standing } from '../../gateway/fence/standing.ts'
import type { ConsentState } from '../../gateway/ports.ts'

const GRANTED: Decision = { kind: 'granted', scopes: ['contact'] }
const DENIED: Decision = { kind: 'denied', reason: 'REFUSED', scopes: ['contact'] }

const standing = (field: string, decision: Decision): Standing => ({
  verdict: { decisions: new Map([[field, decision]]), granted: [], scopes: [], partition: '' },
  state: null,
  until: Number.POSITIVE_INFINITY,
  isKept: false,
  text: null,
  toldIn: 0,
  asked: null,
  askedIn: 0,
  askedAt: 0,
})

const enter = (ledger: Ledger, decided: readonly (readonly [object, Standing])[], isAgain = false): void => {
  const items = decided.map(([object]) => ({ object, subject: null }))
  const standings = decided.map(([, one]) => one)
  const groups = decided.map(([object, one]) => ({
    verdict: one.verdict,
    items: [{ object, subject: null }],
    standings: [one],
  }))
  ledger.enter({ subgraph: 'people', items, standings, groups, isAgain })
}

describe('the ledger', () => {
  const [ada, bo, cyd] = [{}, {}, {}]
  const field = 'Person.email'
  const kinds = (ledger: Ledger, objects: readonly object[]) =>
    objects.map((one) => ledger.decisionsOn(one)?.get(field)?.kind)

  it('tells each object its own decision, in whatever order and how often it is asked', () => {
    const decided = [
      [ada, standing(field, GRANTED)],
      [bo, standing(field, DENIED)],
    ] as const
    const orders = [
      [ada, bo],
      [bo, ada],
      [ada, ada, bo],
      [cyd, ada, bo],
      [ada, cyd, bo, ada],
    ]
    const expected = new Map<object, string | undefined>([
      [ada, 'granted'],
      [bo, 'denied'],
    ])
    for (const order of orders) {
      const ledger = createLedger()
      enter(ledger, decided)
      expect(kinds(ledger, order)).toEqual(order.map((one) => expected.get(one)))
    }
  })

  it('keeps what was denied where it was asked about before and is granted now', () => {
    const ledger = createLedger()
    enter(ledger, [
      [ada, standing(field, DENIED)],
      [bo, standing(field, GRANTED)],
    ])
    expect(kinds(ledger, [ada])).toEqual(['denied'])
    enter(
      ledger,
      [
        [ada, standing(field, GRANTED)],
        [bo, standing(field, DENIED)],
      ],
      true,
    )
    expect(kinds(ledger, [bo, ada])).toEqual(['denied', 'denied'])
  })
})

describe('what a request knows of people', () => {
  const stateOf = (subject: string): ConsentState => ({ subject, revision: '1', scopes: new Map() })
  const states = (mostSubjects: number) => {
    const asked: string[] = []
    const failures: unknown[] = []
    const known = new KnownStates({
      consent: {
        known: (subject) => (asked.push(subject), stateOf(subject)),
        load: () => Promise.reject(new Error('nobody is asked')),
      },
      context: {},
      mostSubjects,
      notBefore: null,
      onConsentFailure: (cause) => failures.push(cause),
    })
    return { known, asked, failures }
  }
  const who = (known: KnownStates, subjects: readonly (string | null)[]) =>
    known.of(subjects).map((state) => state?.subject ?? state)

  it('counts each person once, however often they are met', () => {
    const { known, failures } = states(3)
    expect(known.learn(['ada', null, 'ada'])).toBeUndefined()
    expect(who(known, ['ada', null, 'ada'])).toEqual(['ada', null, 'ada'])
    void known.learn(['bo', 'cyd'])
    expect(who(known, ['cyd', 'bo', 'ada'])).toEqual(['cyd', 'bo', 'ada'])
    expect(failures).toEqual([])
    void known.learn(['dee'])
    expect(who(known, ['dee'])).toEqual([undefined])
    expect(failures).toHaveLength(1)
  })

  it('does not look twice at the same people in the same order', () => {
    const { known, asked } = states(3)
    void known.learn(['ada', 'bo'])
    void known.learn(['ada', 'bo'])
    expect(asked).toEqual(['ada', 'bo'])
  })
})
