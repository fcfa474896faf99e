import { describe, expect, it } from 'vitest'
import { openActions, readActions } from '../../subgraphs/recommendations/actions/actions-in.ts'
import { chooseAction, type Situation } from '../../subgraphs/recommendations/actions/choose-action.ts'

const GOOD = `name: offer
channels: [web]
scopes: [personalization]
when:
  planTier: { is: free }
priority: 10
explanation: 'The plan is {planTier}.'
`
const DEFAULT = `name: welcome
channels: [web]
priority: 1000
default: true
explanation: 'What we show everybody.'
`

const faultsOf = (text: string): string[] =>
  readActions([
    { file: 'offer.yaml', text },
    { file: 'welcome.yaml', text: DEFAULT },
  ]).faults.map(({ code, file, line, place }) => `${file}:${line} ${place} ${code}`)

const situation: Situation = {
  basis: 'profile',
  facts: new Map([['planTier', 'free']]),
  channel: 'web',
  reachableBy: new Set(),
  shownAt: new Map(),
  now: Date.UTC(2026, 4, 1, 12),
}

describe('An action', () => {
  it('is read whole or not at all', () => {
    expect(faultsOf(GOOD)).toEqual([])
  })

  it.each([
    ['name: offer', 'name: Offer!', '1 name ACTION_VALUE_INVALID'],
    ['channels: [web]', 'channels: [pigeon]', '2 channels ACTION_VALUE_INVALID'],
    ['channels: [web]\n', '', '1 channels ACTION_SETTING_MISSING'],
    ['scopes: [personalization]', 'scopes: []', '5 when.planTier ACTION_SCOPE_MISSING'],
    ['scopes: [personalization]', 'scopes: [personalization, fun]', '3 scopes.1 ACTION_SCOPE_UNKNOWN'],
    ['planTier:', 'shoeSize:', '5 when.shoeSize ACTION_FEATURE_UNKNOWN'],
    ['{ is: free }', '{ is: free, in: [a] }', '5 when.planTier ACTION_VALUE_INVALID'],
    ['{ is: free }', '{ atLeast: .nan }', '5 when.planTier ACTION_VALUE_INVALID'],
    ['{ is: free }', '{ is: free }\n  sessions7d: { atLeast: 1 }', '4 when ACTION_BASIS_MIXED'],
    ['priority: 10', 'priority: -1', '6 priority ACTION_VALUE_INVALID'],
    ['priority: 10', 'priority: 10\ncooldown: soon', '7 cooldown ACTION_VALUE_INVALID'],
    ['{planTier}', '{email}', '7 explanation ACTION_EXPLANATION_INVALID'],
    ['priority: 10', 'priority: 10\nurl: x', '7 url ACTION_SETTING_UNKNOWN'],
    ['name: offer', 'name: [', '2 BAD_INDENT ACTION_UNREADABLE'],
  ])('with %j as %j is refused at its line', (before, after, fault) => {
    const told = faultsOf(GOOD.replace(before, after))
    if (fault.endsWith('UNREADABLE')) expect(told[0]).toContain('ACTION_UNREADABLE')
    else expect(told).toContain(`offer.yaml:${fault}`)
  })

  it('is the only one of its name, and one of them is for nobody in particular', () => {
    const twice = readActions([
      { file: 'a.yaml', text: GOOD },
      { file: 'b.yaml', text: GOOD },
    ])
    expect(twice.faults.map(({ code, file }) => `${file} ${code}`)).toEqual(['b.yaml ACTION_NAME_TAKEN'])
    const none = readActions([{ file: 'a.yaml', text: GOOD }])
    expect(none.faults.map(({ code }) => code)).toEqual(['ACTION_DEFAULT_MISSING'])
  })
})

describe('The choice of an action', () => {
  const actions = openActions()
  const best = (changed: Partial<Situation>) => chooseAction(actions, { ...situation, ...changed }).best.name

  it('takes the first by priority that nothing stands against', () => {
    expect(best({})).toBe('offer_premium')
    expect(best({ facts: new Map([['planTier', 'premium']]) })).toBe('welcome')
  })

  it('takes the neutral one where nothing is known', () => {
    expect(best({ facts: new Map() })).toBe('welcome')
    expect(best({ facts: new Map([['planTier', null]]) })).toBe('welcome')
  })

  it('ends its cooldown to the millisecond', () => {
    const shown = (ago: number) => best({ shownAt: new Map([['offer_premium', situation.now - ago]]) })
    expect(shown(7 * 86_400_000 - 1)).toBe('welcome')
    expect(shown(7 * 86_400_000)).toBe('offer_premium')
  })

  it('never rests on a feature of another basis, handed over or not', () => {
    const facts = new Map<string, string | boolean>([
      ['cartActive24h', true],
      ['planTier', 'premium'],
    ])
    expect(best({ facts })).toBe('welcome')
    expect(best({ facts, basis: 'visits' })).toBe('recover_cart')
  })
})
