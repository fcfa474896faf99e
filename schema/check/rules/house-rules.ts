import { readRules, type Rule, type Rules } from '../cedar-rules.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { shownFile } from '../contracts.ts'
import { type Placed, ruleSubjects } from '../rule-subjects.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'

/**
 * What a house has decided about its schemas is kept by a machine (`rules/*.cedar`): each field is asked about, and told
 * where it is written. What a rule forbade before the change is told only when the rule is new, or with `all`.
 */
export const houseRules: Check = async (context) => {
  const { base, head } = context
  if (head.contracts.rules.length === 0) return gone(await rulesOf(base), [])
  const after = await rulesOf(head)
  if (after.faults.length > 0)
    return after.faults.map(({ source, message }) => ({
      code: 'RULE_INVALID',
      coordinate: 'rules',
      source,
      detail: message,
    }))
  const before = base.contracts === head.contracts ? after : await rulesOf(base)
  return [...gone(before, after.rules), ...broken(context, before, after)]
}

const rulesOf = ({ contracts }: Side): Promise<Rules> | Rules =>
  contracts.rules.length === 0
    ? { rules: [], faults: [], judge: () => ({ broken: [], erred: [] }) }
    : readRules(contracts.rules.map(({ file, text }) => ({ file: shownFile(contracts, file), text })))

/** A permit forbids nothing, so nothing is lost with it. */
const gone = ({ rules }: Rules, after: readonly Rule[]): Told[] =>
  rules
    .filter(({ text }) => /\bforbid\b/.test(text) && after.every((one) => one.text !== text))
    .map(({ id, owner, source }) => ({
      code: 'RULE_REMOVED',
      coordinate: `rule ${id}`,
      source: after.find((one) => one.id === id)?.source ?? source,
      ...(owner === '' ? {} : { owner }),
    }))

const broken = ({ base, head, all }: CheckContext, before: Rules, after: Rules): Told[] => {
  const [earlier, later] = [ruleSubjects(base), ruleSubjects(head)]
  const texts = (rules: Rules): string => rules.rules.map(({ text }) => text).join('\n')
  const isSame = !all && texts(before) === texts(after)
  return [...later].flatMap(([key, placed]) => {
    const other = earlier.get(key)
    if (isSame && other !== undefined && JSON.stringify(other.subject) === JSON.stringify(placed.subject))
      return []
    return judged({ placed, other: all ? undefined : other, before, after, isNew: other === undefined })
  })
}

interface Judging {
  readonly placed: Placed
  readonly other: Placed | undefined
  readonly before: Rules
  readonly after: Rules
  readonly isNew: boolean
}

const judged = ({ placed: { subject, source }, other, before, after, isNew }: Judging): Told[] => {
  const { broken: forbidden, erred } = after.judge({ ...subject, isNew })
  const known =
    other === undefined || forbidden.length === 0
      ? []
      : before.judge({ ...other.subject, isNew: false }).broken
  const fresh = forbidden.filter(
    (id) => !known.some((one) => one === id && textOf(before, id) === textOf(after, id)),
  )
  const told =
    (code: 'RULE_BROKEN' | 'RULE_ERRED') =>
    (id: string): Told => {
      const rule = after.rules.find((one) => one.id === id)
      return {
        code,
        coordinate: subject.coordinate,
        source,
        after: id,
        ...(rule === undefined || rule.owner === '' ? {} : { owner: rule.owner }),
        detail:
          `Rule ${id} (${rule?.source.file ?? ''}:${rule?.source.line ?? 1}). ${rule?.says ?? ''}`.trim(),
      }
    }
  return [...fresh.map(told('RULE_BROKEN')), ...erred.map(told('RULE_ERRED'))]
}

const textOf = ({ rules }: Rules, id: string): string | undefined => rules.find((one) => one.id === id)?.text
