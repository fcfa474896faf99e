import { isGone } from './graph/decision.ts'
import type { GraphWriter, RecordRename, Renaming } from './graph/graph-port.ts'
import type { MemoryGraph } from './memory-graph.ts'
import type { ResolvedRecord } from './store.ts'

/** What is renamed of a record: its tokens. */
type Named = Pick<ResolvedRecord, 'identifiers' | 'devices' | 'household' | 'account'>

interface Renamable<T extends Named> {
  readonly records: Map<number, T>
  readonly graph: MemoryGraph
  readonly seeds: Map<string, number>
}

/** Names under another key, in maps. */
export const renameInMemory = <T extends Named>(
  identity: Renamable<T>,
): Pick<GraphWriter, 'renameRecords' | 'forgetElderPids' | 'forgetGonePids'> => ({
  async renameRecords(renames) {
    for (const rename of renames) {
      renameSeed(identity, rename)
      renameTokens(identity, rename)
      renameHousehold(identity, rename)
    }
  },
  async forgetElderPids(ids) {
    const { graph, seeds } = identity
    const wanted = new Set(ids)
    for (const [pid, id] of seeds) if (wanted.has(id) && graph.nodes.get(id)?.seed !== pid) seeds.delete(pid)
  },
  async forgetGonePids(ids) {
    const { graph, seeds } = identity
    for (const id of ids) {
      const node = graph.nodes.get(id)
      if (node === undefined || !isGone(node)) continue
      seeds.delete(node.seed)
      graph.nodes.set(id, { ...node, seed: `gone_${id}`, pid: null })
    }
  },
})

function renameSeed<T extends Named>({ graph, seeds }: Renamable<T>, { id, seed }: RecordRename): void {
  const elder = graph.nodes.get(id)?.seed
  if (seed === null || elder === undefined || !seed.elders.includes(elder)) return
  for (const node of graph.nodes.values())
    if (node.pid === elder) graph.nodes.set(node.id, { ...node, pid: seed.newest })
  const node = graph.nodes.get(id)
  if (node !== undefined) graph.nodes.set(id, { ...node, seed: seed.newest })
  seeds.set(seed.newest, id)
}

function renameTokens<T extends Named>(
  { records }: Renamable<T>,
  { id, identifiers, devices, account, keepsElders }: RecordRename,
): void {
  const said = records.get(id)
  if (said === undefined) return
  const added = identifiers.flatMap(({ kind, elders, newest }) => {
    const kinds = ['EMAIL', 'PHONE', 'LOYALTY'] as const
    const known = kinds.find((each) => each === kind)
    const has = (token: string): boolean => said.identifiers.some((own) => own.token === token)
    return known !== undefined && elders.some(has) && !has(newest) ? [{ kind: known, token: newest }] : []
  })
  const dropped = new Set(keepsElders ? [] : identifiers.flatMap(({ elders }) => elders))
  const renamed = said.devices.map((device) => ({
    ...device,
    id: devices.reduce((name, renaming) => nameAfter(name, renaming), device.id),
  }))
  records.set(id, {
    ...said,
    identifiers: [...said.identifiers, ...added].filter(({ token }) => !dropped.has(token)),
    devices: renamed,
    account: said.account === null ? null : nameAfter(said.account, account),
  })
}

function renameHousehold<T extends Named>({ records }: Renamable<T>, { household }: RecordRename): void {
  for (const [id, said] of household === null ? [] : records)
    if (said.household !== null) records.set(id, { ...said, household: nameAfter(said.household, household) })
}

const nameAfter = (name: string, renaming: Renaming | null): string =>
  renaming?.elders.includes(name) === true ? renaming.newest : name
