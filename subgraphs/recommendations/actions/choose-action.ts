import type { Action, Channel, Condition, FactValue } from './action.ts'
import { BASES, type BasisName } from './bases.ts'

/** What is known when it is decided. Nothing else is looked at, so the same is answered to the same. */
export interface Situation {
  readonly basis: BasisName
  /** By feature; one that is not there was not handed over. Null: there is no value. */
  readonly facts: ReadonlyMap<string, FactValue | null>
  readonly channel: Channel
  /** Channels by which the person agreed to be told of offers. */
  readonly reachableBy: ReadonlySet<string>
  /** When an action was shown last, in milliseconds since the epoch. */
  readonly shownAt: ReadonlyMap<string, number>
  readonly now: number
}

/** Why an action is not for this person here and now. */
export type Ineligible =
  'OTHER_BASIS' | 'CHANNEL' | 'CHANNEL_CONSENT' | 'COOLING_DOWN' | 'NOT_KNOWN' | 'CONDITION'

export interface Judged {
  readonly action: Action
  /** Empty: it is for this person. */
  readonly reasons: readonly Ineligible[]
}

export interface Choice {
  readonly best: Action
  /** In the order in which they would be offered. */
  readonly judged: readonly Judged[]
}

/** The first action in order of priority, then of name, that nothing stands against; else the one for nobody in particular. */
export function chooseAction(actions: readonly Action[], situation: Situation): Choice {
  const judged = actions.map((action) => ({ action, reasons: reasonsAgainst(action, situation) }))
  const best =
    judged.find(({ action, reasons }) => reasons.length === 0 && !action.isDefault)?.action ??
    actions.find(({ isDefault }) => isDefault)
  if (best === undefined) throw new Error('Actions were read without their default.')
  return { best, judged }
}

function reasonsAgainst(action: Action, { basis, channel, ...situation }: Situation): readonly Ineligible[] {
  if (action.isDefault) return []
  if (action.basis !== null && action.basis !== basis) return ['OTHER_BASIS']
  // An action that looks at nothing rests on the scopes it names all the same.
  if (!action.scopes.every((scope) => scope === BASES[basis].scope || scope === CONSENT_OF.get(channel)))
    return ['OTHER_BASIS']
  const reasons: Ineligible[] = []
  if (!action.channels.includes(channel)) reasons.push('CHANNEL')
  if (CONSENT_OF.has(channel) && !situation.reachableBy.has(channel)) reasons.push('CHANNEL_CONSENT')
  const shownAt = situation.shownAt.get(action.name)
  if (shownAt !== undefined && situation.now < shownAt + action.cooldownMs) reasons.push('COOLING_DOWN')
  const values = [...action.when].map(([feature, condition]) =>
    meets(condition, situation.facts.get(feature)),
  )
  if (values.includes('not known')) reasons.push('NOT_KNOWN')
  if (values.includes('no')) reasons.push('CONDITION')
  return reasons
}

/** What is sent to a person needs a yes to being reached there; a page that they opened does not. */
const CONSENT_OF: ReadonlyMap<Channel, string> = new Map([
  ['email', 'marketing_email'],
  ['sms', 'marketing_sms'],
])

function meets(condition: Condition, value: FactValue | null | undefined): 'yes' | 'no' | 'not known' {
  if (value === null || value === undefined) return 'not known'
  return isMet(condition, value) ? 'yes' : 'no'
}

function isMet(condition: Condition, value: FactValue): boolean {
  switch (condition.kind) {
    case 'is':
      return value === condition.value
    case 'in':
      return condition.values.includes(value)
    case 'atLeast':
      return typeof value === 'number' && value >= condition.value
    case 'atMost':
      return typeof value === 'number' && value <= condition.value
    case 'present':
      return true
  }
}
