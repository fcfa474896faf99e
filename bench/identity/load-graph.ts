import type { MergeDecision } from '../../subgraphs/identity/graph/decision.ts'
import type { IdentityStore } from '../../subgraphs/identity/store.ts'
import { type MadeUpRecord, madeUpRecords } from './made-up-records.ts'

const BATCH = 5000

/**
 * Fills a store up to so many records, a batch a change; goes on behind what is there already, since a batch is there
 * whole or not at all.
 */
export async function loadGraph(
  store: IdentityStore,
  records: number,
  onProgress: (loaded: number) => void,
): Promise<void> {
  const there = await store.look((graph) => graph.countNodes())
  let batch: MadeUpRecord[] = []
  let loaded = there
  const flush = async (): Promise<void> => {
    await write(store, batch, loaded)
    loaded += batch.length
    batch = []
    onProgress(loaded)
  }
  for (const made of madeUpRecords(there, records)) {
    batch.push(made)
    // oxlint-disable-next-line no-await-in-loop -- one batch at a time is what bounds the memory
    if (batch.length >= BATCH) await flush()
  }
  if (batch.length > 0) await flush()
}

/** Records are numbered from one in the order they come, so the number of a record is its index and one. */
async function write(store: IdentityStore, batch: readonly MadeUpRecord[], loaded: number): Promise<void> {
  const joins = batch.flatMap(({ joins: other }, index) =>
    other === null ? [] : [{ a: other + 1, b: loaded + index + 1 }],
  )
  await store.change(async (graph) => {
    const nodes = await graph.putRecords(
      batch.map(({ record }) => record),
      loaded,
    )
    if (nodes[0]?.id !== loaded + 1) throw new Error('The store counts records another way')
    const position = await graph.takePositions(joins.length)
    await graph.putMerges(joins.map((join, index) => joined(join, position + index)))
  })
}

const joined = (pair: { readonly a: number; readonly b: number }, position: number): MergeDecision => ({
  ...pair,
  decisionId: `m_${position}`,
  position,
  how: 'rule',
  by: 'shared-identifier@1',
  evidence: [
    { field: 'email', level: 'same', weight: null },
    { field: 'name', level: 'same', weight: null },
    { field: 'date_of_birth', level: 'missing', weight: null },
  ],
  prior: null,
  probability: null,
  actor: 'shared-identifier@1',
  at: position,
  reason: null,
  isJoin: true,
  effectiveAt: position,
  fields: [],
  undone: null,
  consent: 'silent',
})
