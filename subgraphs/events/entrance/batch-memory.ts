/** What was answered under which key of a source, for who did not hear it. */
export interface BatchMemory {
  find(source: string, key: string, now: number): Promise<RememberedBatch | null>
  /** The first answer under a key stays. */
  keep(source: string, key: string, batch: RememberedBatch & { readonly until: number }): Promise<void>
  forget(now: number): Promise<void>
}

export interface RememberedBatch {
  /** Of what was sent. Hexadecimal. */
  readonly digest: string
  /** The body of the answer. */
  readonly answer: string
}

/** In this process; gone when it ends. */
export function createMemoryBatchMemory(): BatchMemory {
  const batches = new Map<string, RememberedBatch & { readonly until: number }>()
  const nameOf = (source: string, key: string): string => JSON.stringify([source, key])
  return {
    async find(source, key, now) {
      const found = batches.get(nameOf(source, key))
      return found !== undefined && found.until > now ? found : null
    },
    async keep(source, key, batch) {
      if (!batches.has(nameOf(source, key))) batches.set(nameOf(source, key), batch)
    },
    async forget(now) {
      for (const [name, { until }] of batches) if (until <= now) batches.delete(name)
    },
  }
}
