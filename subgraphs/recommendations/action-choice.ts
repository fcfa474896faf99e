import { codedError } from '../coded-error.ts'
import { type Action, type Channel, CHANNELS } from './actions/action.ts'
import { BASES, type BasisName } from './actions/bases.ts'
import { chooseAction, type Judged } from './actions/choose-action.ts'
import { becauseOf, factOf, isNobody, type Visitor } from './visitor.ts'

export interface ActionArguments {
  readonly channel?: string | null
  readonly shown?: readonly { readonly action: string; readonly at: string }[] | null
}

export interface Choosing {
  readonly actions: readonly Action[]
  readonly basis: BasisName
  readonly now: number
  /** Of the field that asks, for messages. */
  readonly coordinate: string
}

const MOST_SHOWN = 100

/** What to offer one person, decided over what was handed over of them and nothing else. */
export function actionChoice(
  visitor: Visitor,
  asked: ActionArguments,
  { actions, basis, now, coordinate }: Choosing,
): object {
  const channel = channelOf(asked.channel)
  const { best, judged } = chooseAction(actions, {
    basis,
    facts: new Map(BASES[basis].features.map((field) => [field, factOf(visitor, field)])),
    channel,
    reachableBy: new Set(isNobody(visitor) ? [] : (visitor.reachableBy ?? [])),
    shownAt: shownAt(asked.shown ?? [], coordinate),
    now,
  })
  const looksAt = [...best.when.keys()]
  return {
    best: {
      action: best.name,
      channel: channel.toUpperCase(),
      priority: best.priority,
      explanation: explained(best, visitor),
      because: becauseOf(visitor, looksAt),
    },
    eligibility: ({ actions: named }: { actions?: readonly string[] | null }) =>
      judged.filter(({ action }) => named?.includes(action.name) ?? true).map(shown),
  }
}

const channelOf = (asked: string | null | undefined): Channel =>
  CHANNELS.find((one) => one.toUpperCase() === asked) ?? 'web'

function shownAt(
  shown: NonNullable<ActionArguments['shown']>,
  coordinate: string,
): ReadonlyMap<string, number> {
  if (shown.length > MOST_SHOWN)
    throw codedError('BAD_USER_INPUT', `${coordinate}(shown:), at most ${MOST_SHOWN}`)
  const latest = new Map<string, number>()
  for (const { action, at } of shown) {
    const time = Date.parse(at)
    if (!/^\d{4}-\d\d-\d\dT/.test(at) || Number.isNaN(time))
      throw codedError('BAD_USER_INPUT', `${coordinate}(shown: { at }), ISO 8601`)
    latest.set(action, Math.max(time, latest.get(action) ?? time))
  }
  return latest
}

const explained = ({ explanation }: Action, visitor: Visitor): string =>
  explanation.replaceAll(/\{(\w+)\}/g, (_, field: string) => String(factOf(visitor, field) ?? ''))

const shown = ({ action, reasons }: Judged): object => ({
  action: action.name,
  eligible: reasons.length === 0,
  reasons,
})
