import type { MergeDecision, RecordNode } from './graph/decision.ts'
import type { GraphReader } from './graph/graph-port.ts'
import type { Draft } from './import-draft.ts'
import { SHARED_IDENTIFIER, type Traits, traitsOf } from './same-person.ts'
import { type Carrier, type IdentityStore, type StoredRecord, recordKey } from './store.ts'
import type { Vault } from './vault/vault.ts'

/** What a batch may be compared with: the stored people around it, and then those it makes itself. */
export interface Known {
  readonly owners: Map<string, string>
  readonly carriers: Map<string, Carrier[]>
  /** Person → record → what the vault says of it; null: it does not open, and nothing is decided about it. */
  readonly records: Map<string, Map<string, Traits | null>>
  /** Of the records that come again: what they were joined by. */
  readonly kept: ReadonlyMap<string, Kept>
}

export interface Kept {
  readonly node: RecordNode
  readonly joined: readonly Joined[]
}

/** A merge that the rule of the import decided, and the other record's identifiers. */
interface Joined {
  readonly decision: MergeDecision
  readonly partner: string
  readonly tokens: ReadonlySet<string>
}

export async function knownAbout(
  drafts: readonly Draft[],
  { store, vault }: { readonly store: IdentityStore; readonly vault: Pick<Vault, 'open'> },
): Promise<Known> {
  const [owners, carriers] = await Promise.all([
    store.owners(drafts.map((draft) => draft.key)),
    store.carriers([...new Set(drafts.flatMap((draft) => draft.lookups.map(({ token }) => token)))]),
  ])
  const kept =
    owners.size === 0
      ? new Map<string, Kept>()
      : await store.look((graph) => keptOf([...owners.keys()], graph))
  // Owners too: a person must be known whole before another record is held against theirs.
  const people = [...carriers.values()].flatMap((list) => list.map(({ pid }) => pid))
  const records = await store.records([...new Set([...owners.values(), ...people])])
  const opened = await vault.open([...records.values()].flat().map(({ recordId }) => recordId))
  const traits = ({ recordId }: StoredRecord): Traits | null => {
    const raw = opened.records.get(recordId)
    return raw === undefined ? null : traitsOf(raw)
  }
  return {
    owners: new Map(owners),
    carriers: new Map([...carriers].map(([token, list]) => [token, [...list]])),
    records: new Map(
      [...records].map(([pid, list]) => [
        pid,
        new Map(list.map((record) => [recordKey(record), traits(record)])),
      ]),
    ),
    kept,
  }
}

async function keptOf(keys: readonly string[], graph: GraphReader): Promise<ReadonlyMap<string, Kept>> {
  const nodes = await graph.byKey(keys)
  const merges = (await graph.mergesOf(nodes.map(({ id }) => id))).filter(isByRule)
  const partners = [...new Set(merges.flatMap(({ a, b }) => [a, b]))]
  const byId = new Map((await graph.byId(partners)).map((node) => [node.id, node]))
  const tokens = new Map(
    (await graph.facts(partners)).map((facts) => [
      facts.id,
      new Set(facts.identifiers.map(({ token }) => token)),
    ]),
  )
  const joined = new Map<number, Joined[]>()
  for (const decision of merges)
    for (const [own, other] of [
      [decision.a, decision.b],
      [decision.b, decision.a],
    ] as const) {
      const partner = byId.get(other)?.key ?? null
      if (partner === null) continue
      const one = { decision, partner, tokens: tokens.get(other) ?? new Set<string>() }
      joined.set(own, [...(joined.get(own) ?? []), one])
    }
  return new Map(nodes.map((node) => [node.key ?? '', { node, joined: joined.get(node.id) ?? [] }]))
}

const isByRule = ({ how, by, effectiveAt, undone }: MergeDecision): boolean =>
  how === 'rule' && by === SHARED_IDENTIFIER && effectiveAt !== null && undone === null
