import type { NamedRecord } from './import-draft.ts'
import { rawOf } from './raw-of.ts'
import { type CustomerRecord, recordKey } from './store.ts'
import type { Vault } from './vault/vault.ts'

/** A batch whose raw values are in the vault. */
export interface TakenIn {
  /** Without the records that were erased. */
  readonly records: readonly NamedRecord[]
  /** Record key as the graph has it → as the source says it. */
  readonly keys: ReadonlyMap<string, string>
  readonly refused: number
  /** Told when the graph has them. */
  settle(): Promise<void>
}

/** The vault comes first: of what is broken off behind it nothing is lost, and what nobody knows is swept. */
export async function takeIn(
  records: readonly CustomerRecord[],
  vault: Pick<Vault, 'nameOf' | 'put' | 'settle'>,
): Promise<TakenIn> {
  const { batch, refused } = await vault.put(records.map(rawOf))
  const named = records.map((record) => ({ name: vault.nameOf(record), record }))
  const taken = named.filter(({ name }) => !refused.has(name))
  return {
    records: taken,
    keys: new Map(
      taken.map(({ name, record }) => [
        recordKey({ source: record.source, recordId: name }),
        recordKey(record),
      ]),
    ),
    refused: named.length - taken.length,
    settle: () => vault.settle(batch),
  }
}
