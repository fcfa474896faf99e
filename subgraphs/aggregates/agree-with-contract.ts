import type { Metric } from './metric.ts'
import type { Fields } from './read-fields.ts'

/** What the contract of an event type says, as far as numbers about it depend on it. */
export interface CountedTerms {
  /** What people agreed to when it was recorded; null where it rests on a contract, and then it is in no cohort. */
  readonly scope: string | null
  readonly purpose: readonly string[]
  /** Names of what the events carry. */
  readonly fields: readonly string[]
}

/** A metric is about what is recorded, under the consent it is recorded with, and for nothing it was not recorded for. */
export function agreeWithContract(
  { event, scope, purposes, value, dimensions }: Omit<Metric, 'digest'>,
  termsOf: (event: string) => CountedTerms | null,
  fields: Pick<Fields, 'fault'>,
): void {
  const terms = termsOf(event)
  if (terms === null) return fields.fault('event', 'there is no contract of this event type')
  if (terms.scope !== scope) fields.fault('scope', `its contract says \`${terms.scope ?? 'no consent'}\``)
  for (const purpose of purposes)
    if (!terms.purpose.includes(purpose)) fields.fault('purposes', `\`${purpose}\` is none of its contract`)
  if (value !== null && !terms.fields.includes(value.field))
    fields.fault('value', `its contract has no field \`${value.field}\``)
  for (const [name, { field }] of dimensions)
    if (!terms.fields.includes(field))
      fields.fault('dimensions', `\`${name}\` is a field its contract does not have`)
}
