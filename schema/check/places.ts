import { type DataContract, readDataContract } from '../../directives/data-contract.ts'
import type { CheckContext } from './check-context.ts'
import type { Declared } from './declarations.ts'
import type { Place } from './finding.ts'
import type { Side } from './side.ts'

/** What a finding at a coordinate of a schema has in common: where it is, and who answers for it. */
export const at = (
  context: CheckContext,
  coordinate: string,
): { coordinate: string; source?: Place; owner?: string } => {
  const source = placeOf(context.head, coordinate) ?? placeOf(context.base, coordinate)
  const owner = ownerOf(context, coordinate)
  return {
    coordinate,
    ...(source === undefined ? {} : { source }),
    ...(owner === undefined ? {} : { owner }),
  }
}

/** Where it is written, or what is around it. */
const placeOf = ({ declared }: Side, coordinate: string): Place | undefined =>
  [coordinate, fieldOf(coordinate), typeOf(coordinate)]
    .map((one) => declared.get(one)?.[0]?.place)
    .find((place) => place !== undefined)

export const typeOf = (coordinate: string): string => coordinate.split(/[.(]/)[0] ?? coordinate

const fieldOf = (coordinate: string): string => coordinate.split('(')[0] ?? coordinate

/** Who answered for it before the change: nobody allows themselves what another one kept. */
const ownerOf = ({ base, head }: CheckContext, coordinate: string): string | undefined =>
  [base, head]
    .flatMap((side) =>
      [coordinate, fieldOf(coordinate), typeOf(coordinate)].map((one) => contractOn(side, one)),
    )
    .map((contract) => contract?.owner)
    .find((owner) => owner !== undefined && owner !== '')

/** What all subgraphs together say on a coordinate itself. */
export const contractOn = ({ declared }: Side, coordinate: string): DataContract | null =>
  (declared.get(coordinate) ?? []).map(contractOf).reduce<DataContract | null>(together, null)

/** The same, or what is said of its type. */
export const contractAt = (side: Side, coordinate: string): DataContract | null =>
  contractOn(side, coordinate) ?? contractOn(side, typeOf(coordinate))

/** A supergraph repeats what several subgraphs say. */
const contractOf = ({ contract, directives }: Declared): DataContract | null =>
  contract === null
    ? null
    : directives
        .filter(({ name }) => name.value === 'dataContract')
        .map((one) => readDataContract({ directives: [one] }))
        .reduce(together, null)

/** The first that says something speaks, but who reads it and what for adds up. */
const together = (one: DataContract | null, other: DataContract | null): DataContract | null => {
  if (one === null || other === null) return one ?? other
  return {
    owner: one.owner || other.owner,
    purpose: [...new Set([...one.purpose, ...other.purpose])],
    classification: one.classification ?? other.classification,
    freshness: one.freshness ?? other.freshness,
    retention: one.retention ?? other.retention,
    consumers: [...new Set([...one.consumers, ...other.consumers])],
    disposition: one.disposition ?? other.disposition,
  }
}
