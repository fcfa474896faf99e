import { typeFromText } from '../type-family.ts'
import type { Check } from '../check-context.ts'
import { eventsOf } from '../events-of.ts'
import { featuresOf } from '../features-of.ts'
import type { Place } from '../finding.ts'
import { typeOf } from '../places.ts'
import type { Side } from '../side.ts'
import { namedType } from '../../supergraph.ts'

/**
 * One name, one meaning: a field that two places define otherwise is read wrongly by whoever knows one of them. Told of a
 * difference that was not there; of a type in two subgraphs, and between features and events.
 */
export const meaning: Check = ({ base, head }) => {
  if (base.contracts === head.contracts) return []
  const known = new Set(clashesIn(base).map(({ coordinate }) => coordinate))
  return clashesIn(head)
    .filter(({ coordinate }) => !known.has(coordinate))
    .map(({ coordinate, one, other }) => ({
      code: 'MEANING_DIFFERS',
      coordinate,
      source: other.source,
      before: meant(one, other),
      after: meant(other, one),
    }))
}

/** The sentence, and beside it what differs that is no sentence. */
const meant = (one: Meant, other: Meant): string => {
  const beside = (['family', 'classification'] as const)
    .filter((aspect) => one[aspect] !== other[aspect] && one[aspect] !== '')
    .map((aspect) => one[aspect])
  return `${one.where}: ${one.says}${beside.length === 0 ? '' : ` (${beside.join(', ')})`}`
}

interface Meant {
  readonly name: string
  readonly where: string
  readonly says: string
  /** `number`, `text`, … ; empty where it is not comparable. */
  readonly family: string
  readonly classification: string
  readonly source: Place
}

interface Clash {
  readonly coordinate: string
  readonly one: Meant
  readonly other: Meant
}

const clashesIn = (side: Side): Clash[] => [...inSubgraphs(side), ...amongEvents(side)]

/** The composer sees to types; what the sentences say, only a reader does. */
const inSubgraphs = ({ declared }: Side): Clash[] =>
  [...declared].flatMap(([coordinate, places]) => {
    const [first, ...others] = places
      .filter(
        ({ kind, directives, description }) =>
          kind === 'field' && description !== '' && !directives.some(({ name }) => name.value === 'external'),
      )
      .map((one): Meant => ({
        name: coordinate,
        where: one.subgraph,
        says: one.description,
        family: one.type === null ? '' : namedType(one.type),
        classification: one.contract?.classification ?? '',
        source: one.place,
      }))
    const other = first === undefined ? undefined : others.find((one) => isOther(first, one))
    return first === undefined || other === undefined || typeOf(coordinate) === coordinate
      ? []
      : [{ coordinate, one: first, other }]
  })

const amongEvents = (side: Side): Clash[] => {
  const byName = new Map<string, Meant[]>()
  for (const one of [...eventFields(side), ...featureFields(side)])
    byName.set(one.name, [...(byName.get(one.name) ?? []), one])
  return [...byName].flatMap(([name, [first, ...others]]) =>
    first === undefined
      ? []
      : others
          .filter(
            (one) =>
              one.family !== first.family ||
              (one.classification !== '' &&
                first.classification !== '' &&
                one.classification !== first.classification) ||
              isOther(first, one),
          )
          .map((other) => ({ coordinate: `${name} (${first.where}, ${other.where})`, one: first, other })),
  )
}

const eventFields = (side: Side): Meant[] => {
  const { contracts, places } = eventsOf(side)
  return contracts.flatMap(({ type, version, fields }) =>
    [...fields.properties].map(([name, field]) => ({
      name,
      where: `event ${type}@${version}`,
      says: field.meaning,
      family: typeFromText(field.type),
      classification: field.classification ?? '',
      source: places.get(`${type}@${version}`)?.at(['fields', 'properties', name]) ?? {
        file: '',
        line: 1,
        column: 1,
      },
    })),
  )
}

const featureFields = (side: Side): Meant[] => {
  const { definitions, places } = featuresOf(side)
  return definitions.map(({ name, field, type, description }) => ({
    name: field,
    where: `feature ${name}`,
    says: description,
    family: typeFromText(type),
    classification: '',
    source: places.get(name)?.at(['field']) ?? { file: '', line: 1, column: 1 },
  }))
}

/** Two sentences that share no word that says anything. */
const isOther = (one: Meant, other: Meant): boolean => {
  const [first, second] = [wordsOf(one.says), wordsOf(other.says)]
  return first.size >= 3 && second.size >= 3 && ![...first].some((word) => second.has(word))
}

const wordsOf = (sentence: string): Set<string> =>
  new Set(
    (sentence.toLowerCase().match(/\p{L}{4,}/gu) ?? [])
      .filter((word) => !FILLERS.has(word))
      .map((word) => word.slice(0, 5)),
  )

const FILLERS = new Set(
  'this that with from they them their there which when what were have been only also than then whose where into about each other'.split(
    ' ',
  ),
)
