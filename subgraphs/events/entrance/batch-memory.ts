/** What came of a batch under which key of a source, for who did not hear it. Nothing of what was sent is kept. */
export interface BatchMemory {
  find(source: string, key: string, now: number): Promise<RememberedBatch | null>
  /** The first answer under a key stays. */
  keep(source: string, key: string, batch: RememberedBatch & { readonly until: number }): Promise<void>
  forget(now: number): Promise<void>
}

export interface RememberedBatch {
  /** Of what was sent, keyed. Hexadecimal. */
  readonly digest: string
  /** Of each line, in order, without what its event is called. */
  readonly outcomes: string
}
