import { print } from 'graphql'
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
  const source = placeOf(context, coordinate)
  const owner = ownerOf(context, coordinate)
  return {
    coordinate,
    ...(source === undefined ? {} : { source }),
    ...(owner === undefined ? {} : { owner }),
  }
}

/** Where it is written, or what is around it: of several subgraphs, in the one that has changed it. */
const placeOf = ({ base, head }: CheckContext, coordinate: string): Place | undefined => {
  const places = [coordinate, fieldOf(coordinate), typeOf(coordinate)]
  const [here] = places.filter((one) => head.declared.has(one) || base.declared.has(one))
  if (here === undefined) return undefined
  const [before, after] = [base, head].map(({ declared }) => declared.get(here) ?? []) as [
    readonly Declared[],
    readonly Declared[],
  ]
  if (after.length <= 1) return (after[0] ?? before[0])?.place
  const known = new Set(before.map(writtenAs))
  return (after.find((one) => !known.has(writtenAs(one))) ?? after[0])?.place
}

/** What a subgraph itself says at a coordinate; what stands below it has coordinates of its own. */
const writtenAs = ({ subgraph, type, directives, description }: Declared): string =>
  JSON.stringify([subgraph, type === null ? '' : print(type), directives.map(print), description])

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
