import { addDuration } from '../../subgraphs/events/contracts/iso-duration.ts'
import { agreeWithEvents, type EventTerms } from '../../subgraphs/features/definitions/agree-with-events.ts'
import type { FeatureDefinition } from '../../subgraphs/features/definitions/feature-definition.ts'
import { readDefinition } from '../../subgraphs/features/definitions/read-definition.ts'
import { shownFile } from './contracts.ts'
import { eventsOf } from './events-of.ts'
import type { Side } from './side.ts'
import type { Told } from './tell.ts'
import { faultTold, type YamlPlaces, yamlPlaces } from './yaml-terms.ts'

export interface ReadFeatures {
  readonly definitions: readonly FeatureDefinition[]
  readonly places: ReadonlyMap<string, YamlPlaces>
  readonly faults: readonly Told[]
}

/** The features of a side, held against its events: one that reads what nobody agreed on is a fault. */
export const featuresOf = (side: Side): ReadFeatures => {
  const known = read.get(side) ?? readFeatures(side)
  read.set(side, known)
  return known
}

const read = new WeakMap<Side, ReadFeatures>()

const readFeatures = (side: Side): ReadFeatures => {
  const { contracts, vocabulary } = side
  const all = contracts.features.map((written) => {
    const file = shownFile(contracts, written.file)
    return { written, file, ...readDefinition({ file, text: written.text }, vocabulary) }
  })
  const whole = all.flatMap(({ definition, file, written }) =>
    definition === null ? [] : [{ definition, file, written }],
  )
  const definitions = whole.map(({ definition }) => definition)
  const files = new Map(whole.map(({ definition, file }) => [definition.name, file]))
  const places = new Map(
    whole.map(({ definition, written }) => [definition.name, yamlPlaces(contracts, written)] as const),
  )
  const lineOf = ({ file, place }: { readonly file: string; readonly place: string }): number => {
    const name = whole.find((one) => one.file === file)?.definition.name ?? ''
    return places.get(name)?.at(place.split('.')).line ?? 1
  }
  const apart = agreeWithEvents(definitions, termsIn(side), (name) => files.get(name) ?? '')
  return {
    definitions,
    places,
    faults: [
      ...all.flatMap(({ faults }) => faults.map(faultTold)),
      // Without any contract there is nothing to hold them against.
      ...(contracts.events.length === 0 ? [] : apart.map((one) => faultTold({ ...one, line: lineOf(one) }))),
    ],
  }
}

const termsIn = (side: Side): ((event: string) => EventTerms | null) => {
  const { contracts } = eventsOf(side)
  return (event) => {
    const newest = contracts.filter(({ type }) => type === event).toSorted((a, b) => b.version - a.version)[0]
    if (newest === undefined) return null
    const { basis, scope, retention, fields } = newest
    return { basis, scope, retentionMs: addDuration(0, retention), fields: [...fields.properties.keys()] }
  }
}
