import type { Explanation, ForeseenWithheld } from '../gateway/explain.ts'
import type { Foreseen } from '../gateway/fence/foresee.ts'
import { planText } from '../gateway/plan/plan-text.ts'
import { table } from './table.ts'

/** An explanation for people: who asks, what is stripped, the plan with what each lookup would do, what is withheld. */
export const explanationText = (explanation: Explanation): string => {
  const { operation, caller, cost, stripped, plan, foreseen, withheld } = explanation
  const isFor = (lookup: string) => foreseen.filter((one) => one.lookup === lookup).flatMap(partitionLines)
  return [
    table([
      ['operation', `${operation.type} ${operation.name ?? '(without a name)'}`],
      ['caller', `${caller.client}, for ${caller.purpose}`],
      ['scopes', [...caller.scopes].join(' ') || '(none)'],
      ['cost', String(cost)],
      ...Object.entries(caller.context).map(([name, value]) => [name, value ?? '']),
    ]),
    stripped.length === 0
      ? 'Stripped before planning: nothing.'
      : `Stripped before planning, because the caller lacks the scopes:\n${indented(
          table(stripped.map(({ coordinate, path, scopes }) => [coordinate, `at ${path}`, scopes.join(' ')])),
        )}`,
    `Plan:\n${indented(planText(plan, isFor))}`,
    withheldText(withheld, foreseen),
    'Nothing was sent.',
  ].join('\n\n')
}

const partitionLines = ({
  subjects,
  granted,
  denied,
  partition,
  asks,
  scopes,
  instead,
  type,
}: Foreseen): string[] => [
  `people  ${subjects.join(', ')}, as ${type}`,
  ...(granted.length === 0 ? [] : [`${INDENT}granted ${granted.join(', ')}, with ${scopes.join(' ')}`]),
  ...denied.map(
    ({ coordinate, reason, scopes: missing }) =>
      `${INDENT}denied  ${coordinate}: ${reason}${missing.length === 0 ? '' : ` (${missing.join(' ')})`}`,
  ),
  `${INDENT}${asks === null ? 'nothing is asked for them' : `asked   ${asks} in partition ${partition}`}`,
  ...(instead === null ? [] : [`${INDENT}instead ${instead}, of nobody in particular`]),
]

const INDENT = ' '.repeat(10)

const withheldText = (withheld: readonly ForeseenWithheld[], foreseen: readonly Foreseen[]): string => {
  if (withheld.length > 0)
    return `Withheld, where these people are found:\n${indented(
      table([
        ['coordinate', 'reason', 'scopes', 'people'],
        ...withheld.map(({ coordinate, reason, scopes, subjects, instead }) => [
          coordinate,
          instead === undefined ? reason : `${reason} (default shown)`,
          scopes.join(' '),
          subjects?.join(', ') ?? 'everybody',
        ]),
      ]),
    )}`
  return foreseen.length === 0
    ? 'Withheld: that depends on people; name some with --subject-consent.'
    : 'Withheld: nothing, where these people are found.'
}

const indented = (text: string): string => text.replaceAll(/^/gm, '  ')
