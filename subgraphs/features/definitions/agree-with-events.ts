import {
  DEFINITION_FAULTS,
  type DefinitionFault,
  type DefinitionFaultCode,
} from './definition-fault-catalogue.ts'
import { type EventFeature, type FeatureDefinition, OCCURRED_AT } from './feature-definition.ts'

/** What the contract of an event type says, as far as features depend on it. */
export interface EventTerms {
  readonly basis: 'consent' | 'contract'
  /** What people agreed to when it was recorded; null where it rests on a contract. */
  readonly scope: string | null
  /** How long events are kept at least, in milliseconds. */
  readonly retentionMs: number
  /** Names of what the events carry. */
  readonly fields: readonly string[]
}

/** Whether features are computed from what there is, for what it was collected for, and only as far back as it is kept. */
export function agreeWithEvents(
  definitions: readonly FeatureDefinition[],
  termsOf: (event: string) => EventTerms | null,
  fileOf: (feature: string) => string,
): readonly DefinitionFault[] {
  return definitions.flatMap(({ name, scope, source }) => {
    if (source.kind === 'profile') return []
    const file = fileOf(name)
    return faultsOf({ scope, source }, termsOf(source.event)).map(([code, place, remedy]) => ({
      code,
      file,
      line: 1,
      place,
      message: DEFINITION_FAULTS[code].sentence,
      remedy,
    }))
  })
}

type Told = readonly [code: DefinitionFaultCode, place: string, remedy: string]

/**
 * "Collected for specified purposes and not further processed in a manner that is incompatible with those" (GDPR
 * Art. 5(1)(b)): what was agreed to for one scope is not computed with under another. Events that rest on a contract were
 * agreed to for nothing, so the scope of the feature is the first word about such a use.
 */
function faultsOf(
  { scope, source }: { readonly scope: string; readonly source: EventFeature },
  terms: EventTerms | null,
): readonly Told[] {
  const { event, of, where, window } = source
  if (terms === null)
    return [
      ['FEATURE_SOURCE_UNKNOWN', 'source.event', `Write a contract for ${event}, or name another type.`],
    ]
  const told: Told[] = []
  if (of !== null && of !== OCCURRED_AT && !terms.fields.includes(of))
    told.push(['FEATURE_SOURCE_FIELD_UNKNOWN', 'aggregation.of', `Name one of ${terms.fields.join(', ')}.`])
  for (const name of Object.keys(where))
    if (!terms.fields.includes(name))
      told.push(['FEATURE_SOURCE_FIELD_UNKNOWN', 'source.where', `Name some of ${terms.fields.join(', ')}.`])
  if (terms.basis === 'consent' && terms.scope !== scope)
    told.push([
      'FEATURE_SCOPE_OF_OTHER_EVENTS',
      'scope',
      `Write ${terms.scope}, for which ${event} is recorded.`,
    ])
  if (window.ms > terms.retentionMs)
    told.push([
      'FEATURE_WINDOW_TOO_LONG',
      'aggregation.window',
      `Write at most P${Math.floor(terms.retentionMs / 86_400_000)}D.`,
    ])
  return told
}
