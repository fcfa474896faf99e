import { readDataContract } from '../directives/data-contract.ts'
import type { ObtainableField } from './obtainable-fields.ts'
import type { Supergraph } from './supergraph.ts'

/** A client, as far as data about people flows to it and on from it. */
export interface FlowingClient {
  readonly client: string
  readonly owner: string
  readonly destinations: readonly string[]
  readonly regions: readonly string[]
  readonly fields: readonly ObtainableField[]
}

export interface FlowField {
  readonly coordinate: string
  readonly subgraphs: readonly string[]
  /** Who answers for it (`@dataContract`); null where nobody is named. */
  readonly owner: string | null
  readonly classification: string | null
  readonly retention: string | null
}

export interface FlowToClient extends ObtainableField {
  readonly client: string
  /** False where the field names its consumers and this client is none of them. */
  readonly isDeclared: boolean
}

/** Where data about people comes from, who may obtain it for what, and where it goes. In one order, whatever the files'. */
export interface DataFlow {
  readonly fields: readonly FlowField[]
  readonly clients: readonly Pick<FlowingClient, 'client' | 'owner' | 'regions'>[]
  readonly destinations: readonly string[]
  readonly toClients: readonly FlowToClient[]
  readonly toDestinations: readonly { readonly client: string; readonly destination: string }[]
}

/** A record of processing as it is written in the schema and the contracts (GDPR Art. 30). */
export const dataFlow = (supergraph: Supergraph, flowing: readonly FlowingClient[]): DataFlow => {
  const clients = flowing.toSorted((a, b) => order(a.client, b.client))
  const coordinates = sorted(clients.flatMap(({ fields }) => fields.map(({ coordinate }) => coordinate)))
  return {
    fields: coordinates.map((coordinate) => flowField(supergraph, coordinate)),
    clients: clients.map(({ client, owner, regions }) => ({ client, owner, regions })),
    destinations: sorted(clients.flatMap(({ destinations }) => destinations)),
    toClients: clients.flatMap(({ client, fields }) =>
      fields
        .toSorted((a, b) => order(a.coordinate, b.coordinate))
        .map((field) => ({
          ...field,
          client,
          isDeclared: isConsumer(supergraph, field.coordinate, client),
        })),
    ),
    toDestinations: clients.flatMap(({ client, destinations }) =>
      sorted(destinations).map((destination) => ({ client, destination })),
    ),
  }
}

const flowField = (supergraph: Supergraph, coordinate: string): FlowField => {
  const [type = '', field = ''] = coordinate.split('.')
  const subgraphs = [...supergraph.subgraphs.values()]
    .filter((view) => view.types.get(type)?.fields.has(field))
    .map(({ name }) => name)
  const contract = contractOf(supergraph, coordinate)
  return {
    coordinate,
    subgraphs: sorted(subgraphs),
    owner: contract?.owner ?? null,
    classification: contract?.classification ?? null,
    retention: contract?.retention ?? null,
  }
}

/** That of the field, else that of its type. */
const contractOf = (supergraph: Supergraph, coordinate: string): ReturnType<typeof readDataContract> => {
  const [name = '', field = ''] = coordinate.split('.')
  const type = supergraph.types.get(name)
  const own = type?.fields.get(field)
  return (own && readDataContract(own)) ?? (type ? readDataContract(type) : null)
}

const isConsumer = (supergraph: Supergraph, coordinate: string, client: string): boolean => {
  const consumers = contractOf(supergraph, coordinate)?.consumers ?? []
  return consumers.length === 0 || consumers.includes(client)
}

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted(order)
