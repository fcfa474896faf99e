/** What the key of each record lies under: the part of the key ring that the vault uses. */
export interface DataKeyRing {
  /** Sealed so that it opens for the same `bound` only. */
  wrap(dataKey: Buffer, bound: string): Promise<WrappedKey>
  /** Null when it was wrapped for another `bound`, is not whole, or lies under a key that is not there. */
  unwrap(wrapped: WrappedKey, bound: string): Promise<Buffer | null>
  /** Whether it lies under the wrapping key in use. */
  isCurrent(wrapped: WrappedKey): boolean
}

export interface WrappedKey {
  readonly keyId: string
  readonly bytes: Buffer
}
