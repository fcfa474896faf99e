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
