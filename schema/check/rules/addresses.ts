import type { Check } from '../check-context.ts'
import type { Side } from '../side.ts'

/**
 * "The controller shall implement appropriate technical and organisational measures to ensure [...] that processing is
 * performed in accordance with this Regulation" (GDPR Art. 24(1)): whoever says where protected data is asked for can lead
 * keys and answers elsewhere, and the graph looks the same. So a protected field is asked for where it was, or its owner allows it.
 */
export const addresses: Check = ({ base, head }) => {
  const before = urlsOf(base)
  return head.contracts.subgraphs.flatMap(({ name, url }) => {
    if (url === '') return []
    const isMoved = (coordinate: string): boolean => {
      const known = before(coordinate)
      return known.size > 0 && !known.has(url)
    }
    const moved = protectedFieldsIn(head, name).filter(isMoved)
    if (moved.length === 0) return []
    const owners = new Set(moved.map((field) => ownerOf(head, field)))
    const [owner] = owners
    return [
      {
        code: 'PERSONAL_DATA_MOVED',
        coordinate: `subgraph ${name}`,
        after: new URL(url).origin,
        detail: `It is about ${moved.join(', ')}.`,
        ...(owners.size === 1 && owner !== undefined ? { owner } : {}),
      },
    ]
  })
}

/** Known addresses of all subgraphs that write a coordinate. */
const urlsOf = ({ contracts, declared }: Side): ((coordinate: string) => ReadonlySet<string>) => {
  const urls = new Map(contracts.subgraphs.map(({ name, url }) => [name, url]))
  return (coordinate) =>
    new Set((declared.get(coordinate) ?? []).flatMap(({ subgraph }) => urls.get(subgraph) || []))
}

const protectedFieldsIn = ({ graph, declared }: Side, subgraph: string): readonly string[] =>
  [...(graph?.protection.protections ?? [])]
    .filter(([, { clauses }]) => clauses.length > 0)
    .map(([coordinate]) => coordinate)
    .filter((coordinate) => declared.get(coordinate)?.some((one) => one.subgraph === subgraph))
    .toSorted()

/** Who answers for a field, or for its type where the field says nothing. */
const ownerOf = ({ declared }: Side, coordinate: string): string | undefined =>
  [coordinate, coordinate.split('.')[0] ?? '']
    .flatMap((place) => declared.get(place) ?? [])
    .map(({ contract }) => contract?.owner ?? undefined)
    .find((owner) => owner !== undefined)
