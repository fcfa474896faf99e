import type {
  EventFeature,
  FeatureDefinition,
} from '../../../subgraphs/features/definitions/feature-definition.ts'
import type { Check } from '../check-context.ts'
import { termChanges } from '../compare-terms.ts'
import { featuresOf, type ReadFeatures } from '../features-of.ts'
import type { FindingCode } from '../finding-catalogue.ts'
import type { Told } from '../tell.ts'

/** What features are made of, whose yes they need and on what terms they are kept. */
export const features: Check = ({ base, head }) => {
  const [before, after] = [featuresOf(base), featuresOf(head)]
  const faults = [...after.faults, ...(base.contracts === head.contracts ? [] : before.faults)]
  const earlier = new Map(before.definitions.map((one) => [one.name, one]))
  const later = new Map(after.definitions.map((one) => [one.name, one]))
  // What has a fault is not gone.
  const isWhole = faults.length === 0
  return [
    ...faults,
    ...after.definitions.flatMap((one) => {
      const other = earlier.get(one.name)
      return other === undefined ? [told(one, after, ['FEATURE_ADDED', 'name'])] : changes(other, one, after)
    }),
    ...before.definitions.flatMap((one) =>
      later.has(one.name) || !isWhole ? [] : [told(one, before, ['FEATURE_REMOVED', 'name'])],
    ),
  ]
}

type Change = readonly [code: FindingCode, place: string, before?: string, after?: string]

const told = (
  { name, owner }: FeatureDefinition,
  { places }: ReadFeatures,
  [code, place, before, after]: Change,
): Told => {
  const source = places.get(name)?.at(place.split('.'))
  return {
    code,
    coordinate: `feature ${name}${place === 'name' ? '' : ` ${place}`}`,
    ...(source === undefined ? {} : { source }),
    owner,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

const changes = (before: FeatureDefinition, after: FeatureDefinition, read: ReadFeatures): Told[] =>
  [
    ...served(before, after),
    ...consent(before, after),
    ...termChanges(
      { ...before, retention: before.retention.iso, freshness: before.freshness.iso, classification: null },
      { ...after, retention: after.retention.iso, freshness: after.freshness.iso, classification: null },
    ).map(({ code, before: one, after: other }): Change => [code, placeOf(code), one, other]),
    ...source(before, after),
  ].map((change) => told({ ...after, owner: before.owner }, read, change))

const placeOf = (code: FindingCode): string => (code.split('_')[0] ?? '').toLowerCase()

const served = (before: FeatureDefinition, after: FeatureDefinition): Change[] =>
  (['field', 'type'] as const).flatMap((place) =>
    before[place] === after[place]
      ? []
      : [['FEATURE_FIELD_CHANGED', place, before[place], after[place]] as const],
  )

const consent = (before: FeatureDefinition, after: FeatureDefinition): Change[] => {
  const scope: Change[] =
    before.scope === after.scope ? [] : [['SCOPE_CHANGED', 'scope', before.scope, after.scope]]
  if ((before.anonymous === null) === (after.anonymous === null)) return scope
  const code = after.anonymous === null ? 'ANONYMOUS_REMOVED' : 'ANONYMOUS_ADDED'
  return [...scope, [code, 'anonymous']]
}

const source = (before: FeatureDefinition, after: FeatureDefinition): Change[] => {
  const [one, other] = [before.source, after.source]
  if (one.kind !== other.kind) return [['ORIGIN_CHANGED', 'source', one.kind, other.kind]]
  if (one.kind === 'profile' || other.kind === 'profile')
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [['FEATURE_MEANING_CHANGED', 'source']]
  return ofEvents(one, other)
}

const ofEvents = (one: EventFeature, other: EventFeature): Change[] => {
  const meaning = ({ event, where, take, of }: EventFeature): string =>
    [take, of, 'of', event, JSON.stringify(where)].filter((part) => part !== null && part !== '{}').join(' ')
  const changed: Change[] =
    meaning(one) === meaning(other)
      ? []
      : [['FEATURE_MEANING_CHANGED', 'source', meaning(one), meaning(other)]]
  if (one.window.ms === other.window.ms) return changed
  const code = other.window.ms > one.window.ms ? 'FEATURE_WINDOW_LENGTHENED' : 'FEATURE_MEANING_CHANGED'
  return [...changed, [code, 'aggregation.window', one.window.iso, other.window.iso]]
}
