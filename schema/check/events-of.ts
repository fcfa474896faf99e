import type { EventContract } from '../../subgraphs/events/contracts/contract.ts'
import { readContract } from '../../subgraphs/events/contracts/read-contract.ts'
import { shownFile } from './contracts.ts'
import type { Side } from './side.ts'
import type { Told } from './tell.ts'
import { faultTold, type YamlPlaces, yamlPlaces } from './yaml-terms.ts'

export interface ReadEvents {
  readonly contracts: readonly EventContract[]
  /** By `type@version`. */
  readonly places: ReadonlyMap<string, YamlPlaces>
  readonly faults: readonly Told[]
}

/** The event contracts of a side; several checks ask for them. */
export const eventsOf = (side: Side): ReadEvents => {
  const known = read.get(side) ?? readEvents(side)
  read.set(side, known)
  return known
}

const read = new WeakMap<Side, ReadEvents>()

const readEvents = ({ contracts, vocabulary }: Side): ReadEvents => {
  const all = contracts.events.map((written) => {
    const file = shownFile(contracts, written.file)
    return { written, ...readContract({ file, text: written.text }, vocabulary) }
  })
  const named = all.flatMap(({ written, contract }) =>
    contract === null ? [] : [{ written, contract, name: `${contract.type}@${contract.version}` }],
  )
  const twice = named.filter(({ name }, index) => named.findIndex((one) => one.name === name) !== index)
  return {
    contracts: named.map(({ contract }) => contract),
    places: new Map(named.map(({ name, written }) => [name, yamlPlaces(contracts, written)])),
    faults: [
      ...all.flatMap(({ faults }) => faults.map(faultTold)),
      ...twice.map(({ written, name }) => ({
        code: 'EVENT_CONTRACT_VERSION_TWICE',
        as: 'NOT_COMPOSED' as const,
        coordinate: `event ${name}`,
        source: yamlPlaces(contracts, written).at(['type']),
        message: 'Two files are the contract of one version of an event.',
        remedy: 'Keep one of them, or give one another version.',
      })),
    ],
  }
}
