import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Rule } from '../../subgraphs/ownership/registry.ts'
import { type ProfileWrite, settle } from '../../subgraphs/ownership/settle.ts'
import { NOON } from '../support/profile-desk.ts'

test('two words are never without an order, and the order has no circle', () => {
  const words = fc.record({
    pid: fc.constant('ada'),
    attribute: fc.constant('shared.lifecycle'),
    system: fc.constantFrom('crm', 'cdp', 'gone'),
    version: fc.nat(1),
    at: fc.constantFrom(NOON, NOON + 1),
    confirmed: fc.boolean(),
    value: fc.constantFrom('lead', 'customer', null),
  }) as fc.Arbitrary<ProfileWrite>
  const rules: fc.Arbitrary<readonly Rule[]> = fc
    .shuffledSubarray(['present', 'confirmed', 'furthest', 'newest'] as const)
    .map((names) => [...names.map((name) => ({ name })), { name: 'system', order: ['crm', 'cdp'] }])
  fc.assert(
    fc.property(rules, fc.array(words, { minLength: 1, maxLength: 8 }), (precedence, writes) => {
      const terms = { precedence, values: ['lead', 'customer'] }
      const whole = settle(writes, terms)
      // Who wins among all wins among any few it is part of; taken away, the second best of its own holds.
      for (const other of writes) {
        const two = settle([other, whole.holds as ProfileWrite], terms)
        const isOwn = other.system === whole.holds?.system
        if (isOwn || whole.lost.some(({ write, to }) => write === other && to.system !== other.system))
          expect(two.holds).toEqual(whole.holds)
      }
      expect(settle(writes.toReversed(), terms)).toEqual(whole)
      expect(settle([...writes, ...writes], terms)).toEqual(whole)
    }),
    { numRuns: 500, seed: 11 },
  )
})
