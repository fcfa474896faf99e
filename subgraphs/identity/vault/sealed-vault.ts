import { randomUUID } from 'node:crypto'
import { CodedFailure } from '../../coded-failure.ts'
import type { DataKeyRing } from './data-key-ring.ts'
import type { RawRecord } from './raw-record.ts'
import { type NameOf, openRecordNames } from './record-names.ts'
import { type Entry, openEntry, rewrapEntry, sealEntry } from './sealed-entry.ts'
import type { PendingBatch, SealedStore } from './sealed-store.ts'
import type { OpenedRecords, PutBatch, Vault } from './vault.ts'

export interface VaultOptions {
  readonly store: SealedStore
  readonly ring: DataKeyRing
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Everything is sealed here, before a store sees it. Throws `VAULT_KEY_UNREADABLE`. */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { store, clock } = options
  const nameOf = await openRecordNames(store, options.ring)
  return {
    nameOf,
    put: (records) => put(records, { ...options, nameOf }),
    settle: (batch) => store.settle(batch),
    open: (names) => open(names, options),
    erase: (names) => store.erase([...new Set(names)], clock()),
    async erased(names) {
      const heads = await store.heads(names)
      return new Set([...heads].flatMap(([name, { isErased }]) => (isErased ? [name] : [])))
    },
    sweep: (isKnown, before) => sweep(store, isKnown, before),
    rewrap: (onProgress) => rewrap(options, onProgress),
  }
}

async function put(
  records: readonly RawRecord[],
  { store, ring, clock, nameOf }: VaultOptions & { readonly nameOf: NameOf },
): Promise<PutBatch> {
  /** A source may repeat a record; the last one counts. */
  const waiting = new Map(records.map((record) => [nameOf(record), record]))
  const batch: PendingBatch = { id: randomUUID(), at: clock(), names: [...waiting.keys()] }
  const refused = new Set<string>()
  // Somebody else may write the same record between our look at its version and our writing: then we look again.
  for (let turn = 0; waiting.size > 0; turn += 1) {
    if (turn === MOST_TURNS) throw new CodedFailure('VAULT_BUSY', `${waiting.size} records`)
    // eslint-disable-next-line no-await-in-loop -- each turn is made of what the one before left
    const heads = await store.heads([...waiting.keys()])
    for (const [name, { isErased }] of heads) if (isErased && waiting.delete(name)) refused.add(name)
    const versionAfter = (name: string): number => (heads.get(name)?.version ?? 0) + 1
    // eslint-disable-next-line no-await-in-loop
    const entries = await Promise.all(
      [...waiting].map(([name, record]) => sealEntry(record, { name, version: versionAfter(name) }, ring)),
    )
    // eslint-disable-next-line no-await-in-loop
    for (const name of await store.write(entries, batch)) waiting.delete(name)
  }
  return { batch: batch.id, refused }
}

const MOST_TURNS = 8

async function open(
  names: readonly string[],
  { store, ring }: Pick<VaultOptions, 'store' | 'ring'>,
): Promise<OpenedRecords> {
  const entries = await store.read([...new Set(names)])
  const opened = await Promise.all(entries.map((entry) => openEntry(entry, ring)))
  const records = new Map<string, RawRecord>()
  const refused: string[] = []
  for (const [index, { name }] of entries.entries()) {
    const record = opened[index]
    if (record) records.set(name, record)
    else refused.push(name)
  }
  return { records, refused }
}

async function sweep(
  store: SealedStore,
  isKnown: Parameters<Vault['sweep']>[0],
  before: number,
): Promise<number> {
  let removed = 0
  for (;;) {
    // eslint-disable-next-line no-await-in-loop -- page after page
    const batches = await store.pending(before, BATCHES)
    for (const batch of batches) {
      // Versions first: what is put anew after this look is of another version, and stays.
      // eslint-disable-next-line no-await-in-loop
      const heads = await store.heads(batch.names)
      // eslint-disable-next-line no-await-in-loop
      const known = await isKnown(batch.names)
      const orphans = [...heads].flatMap(([name, { version, isErased }]) =>
        isErased || known.has(name) ? [] : [{ name, version }],
      )
      // eslint-disable-next-line no-await-in-loop
      removed += await store.drop(batch.id, orphans)
    }
    if (batches.length < BATCHES) return removed
  }
}

const BATCHES = 20

async function rewrap(
  { store, ring }: Pick<VaultOptions, 'store' | 'ring'>,
  onProgress?: (done: number) => void,
): Promise<number> {
  const { keyId: current } = await ring.wrap(Buffer.alloc(32), 'assent vault')
  for (let done = 0; ; onProgress?.(done)) {
    // eslint-disable-next-line no-await-in-loop -- page after page
    const entries = await store.under(current, PAGE)
    if (entries.length === 0) return done
    // eslint-disable-next-line no-await-in-loop
    await store.rewrap(await Promise.all(entries.map((entry) => rewrapped(entry, ring))))
    done += entries.length
  }
}

const PAGE = 500

async function rewrapped(entry: Entry, ring: DataKeyRing): Promise<Entry> {
  const anew = await rewrapEntry(entry, ring)
  if (anew === null) throw new CodedFailure('VAULT_ENTRY_REFUSED', entry.name)
  return anew
}
