import type { DataContract } from '../../../directives/data-contract.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { invalidDurations } from '../compare-terms.ts'
import { at, contractAt, contractOn, typeOf } from '../places.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'

/**
 * "Shall maintain a record" of purposes, categories, recipients and time limits (GDPR Art. 30(1)): protected data has an
 * owner and terms. Told where a change leaves something out; with `all`, wherever it is missing.
 */
export const missingTerms: Check = (context) => {
  const { base, head, all } = context
  const told = [...coordinatesOf(head), ...bared(context)].flatMap((coordinate) => {
    const contract = contractAt(head, coordinate)
    const earlier = base.declared.has(coordinate) && !all ? missingIn(base, coordinate) : []
    const fresh = missingIn(head, coordinate).filter((element) => !earlier.includes(element))
    if (fresh.length === 0) return []
    if (contract === null) return [{ ...at(context, coordinate), code: 'CONTRACT_MISSING' }]
    return fresh.map((element) => missing(context, coordinate, element))
  })
  return [...told, ...invalidElements(context), ...unknownPurposes(context)]
}

/** What is protected, and what says anything of terms at all. */
const coordinatesOf = ({ declared, graph }: Side): Set<string> =>
  new Set([
    ...[...(graph?.protection.protections.keys() ?? [])].filter((coordinate) => declared.has(coordinate)),
    ...[...declared]
      .filter(([, places]) => places.some(({ contract }) => contract !== null))
      .map(([name]) => name),
  ])

/** What said something of terms and says nothing now, protected or not; of a type, where that leaves a field without any. */
const bared = ({ base, head }: CheckContext): string[] => {
  const lost = [...head.declared.keys()].filter(
    (coordinate) =>
      contractOn(base, coordinate) !== null &&
      contractAt(head, coordinate) === null &&
      !(head.graph?.protection.protections.has(coordinate) ?? false),
  )
  return lost.filter(
    (coordinate) =>
      coordinate.includes('.') ||
      [...head.declared].some(
        ([field, [first]]) =>
          first?.kind === 'field' && typeOf(field) === coordinate && contractAt(head, field) === null,
      ),
  )
}

const ELEMENTS: readonly (readonly [element: string, isMissing: (contract: DataContract) => boolean])[] = [
  ['owner', ({ owner }) => owner.trim() === ''],
  ['purpose', ({ purpose }) => purpose.length === 0],
  ['freshness', ({ freshness }) => freshness === null],
  ['retention', ({ retention }) => retention === null],
  ['consumers', ({ consumers }) => consumers.length === 0],
  ['disposition', ({ disposition }) => disposition === null],
]

/** A classification is asked of who gave one before. */
const missingIn = (side: Side, coordinate: string): string[] => {
  const contract = contractAt(side, coordinate)
  const missed = ELEMENTS.filter(([, isMissing]) => contract === null || isMissing(contract))
  return missed.map(([element]) => element)
}

const missing = (context: CheckContext, coordinate: string, element: string): Told => ({
  ...at(context, coordinate),
  code: 'CONTRACT_ELEMENT_MISSING',
  detail: `${coordinate}@dataContract.${element}`,
  after: element,
})

/** What is no duration is neither longer nor shorter than another, and a job that reads it fails. */
const invalidElements = (context: CheckContext): Told[] =>
  [...context.head.declared.keys()].flatMap((coordinate) => {
    const contract = contractOn(context.head, coordinate)
    const earlier = context.all ? null : contractOn(context.base, coordinate)
    if (contract === null) return []
    return invalidDurations(contract)
      .filter((element) => earlier?.[element] !== contract[element])
      .map((element) => ({
        ...at(context, coordinate),
        code: 'CONTRACT_ELEMENT_INVALID',
        detail: `${coordinate}@dataContract.${element}`,
        before: earlier?.[element] ?? '',
        after: contract[element] ?? '',
      }))
  })

const unknownPurposes = (context: CheckContext): Told[] => {
  const { base, head } = context
  return [...head.declared].flatMap(([coordinate, places]) =>
    [...new Set(places.flatMap(({ contract }) => contract?.purpose ?? []))]
      .filter((purpose) => !head.vocabulary.purposes.has(purpose))
      .filter((purpose) => !(contractAt(base, coordinate)?.purpose.includes(purpose) ?? false))
      .map((purpose) => ({ ...at(context, coordinate), code: 'PURPOSE_UNKNOWN', after: purpose })),
  )
}
