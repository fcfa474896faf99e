import type { DataFlow, FlowField } from './data-flow.ts'

/** The map as a Mermaid flowchart: subgraphs, fields by type, clients, destinations. Dashed: not named as a consumer. */
export const dataFlowMermaid = (flow: DataFlow): string => {
  const idOf = ids()
  const sources = [...new Set(flow.fields.flatMap(({ subgraphs }) => subgraphs))].toSorted()
  const lines = ['flowchart LR']
  for (const name of sources) lines.push(`  ${idOf(`source ${name}`)}[("${escaped(name)}")]`)
  for (const [type, fields] of byType(flow.fields)) {
    lines.push(`  subgraph ${idOf(`type ${type}`)}["${escaped(type)}"]`)
    for (const field of fields)
      lines.push(
        `    ${idOf(`field ${field.coordinate}`)}["${escaped(labelOf(field)).replaceAll('\n', '<br/>')}"]`,
      )
    lines.push('  end')
  }
  for (const { client, owner, regions } of flow.clients) {
    const where = regions.length === 0 ? '' : `<br/>${escaped(regions.join(', '))}`
    lines.push(`  ${idOf(`client ${client}`)}(["${escaped(client)}<br/>${escaped(owner)}${where}"])`)
  }
  for (const name of flow.destinations) lines.push(`  ${idOf(`destination ${name}`)}>"${escaped(name)}"]`)
  for (const { coordinate, subgraphs } of flow.fields)
    for (const name of subgraphs) lines.push(`  ${idOf(`source ${name}`)} --> ${idOf(`field ${coordinate}`)}`)
  for (const { coordinate, client, purposes, isDeclared } of flow.toClients) {
    const arrow = isDeclared ? '-->' : '-.->'
    lines.push(
      `  ${idOf(`field ${coordinate}`)} ${arrow}|"${escaped(purposes.join(', '))}"| ${idOf(`client ${client}`)}`,
    )
  }
  for (const { client, destination } of flow.toDestinations)
    lines.push(`  ${idOf(`client ${client}`)} ==> ${idOf(`destination ${destination}`)}`)
  return `${lines.join('\n')}\n`
}

const byType = (fields: readonly FlowField[]): ReadonlyMap<string, readonly FlowField[]> => {
  const types = new Map<string, FlowField[]>()
  for (const field of fields) {
    const type = field.coordinate.split('.', 1)[0] ?? ''
    types.set(type, [...(types.get(type) ?? []), field])
  }
  return types
}

const labelOf = ({ coordinate, classification, owner, retention }: FlowField): string => {
  const terms = [owner ?? 'no owner', classification, retention].filter((term) => term !== null)
  return `${coordinate}\n${terms.join(' · ')}`
}

/** Names come from files of many hands: in the text of a node they are text and nothing else. */
const escaped = (name: string): string =>
  name.replaceAll(/[^\p{L}\p{N} .,:·_\n-]/gu, (character) => `#${character.codePointAt(0) ?? 0};`)

const ids = (): ((name: string) => string) => {
  const known = new Map<string, string>()
  return (name) => {
    const id = known.get(name) ?? `n${known.size}`
    known.set(name, id)
    return id
  }
}
