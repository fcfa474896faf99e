/**
 * Where keys live. A key is made there, used there and destroyed there; whoever uses it knows its name. Only of the local
 * file the keys come into this process.
 *
 * Everything throws `KEYS_UNAVAILABLE` when nobody answers (nothing was done, ask again), `KEY_REFUSED` when this key is
 * not there or not for us; neither names a value.
 */
export interface Kms {
  /** HMAC-SHA-256 of each message under this key, in their order. */
  mac(keyId: string, messages: readonly Buffer[]): Promise<readonly Buffer[]>
  /** Sealed under the wrapping key; `bound` is not in it but has to be said again to open it. */
  encrypt(plain: Buffer, bound: string): Promise<Buffer>
  /** Null when it was sealed elsewhere, for another `bound`, or is not whole. */
  decrypt(sealed: Buffer, bound: string): Promise<Buffer | null>
  /** The name of the key of this version, which is made when it is not there: asked twice, it is the same key. */
  makeMacKey(version: number): Promise<string>
  /** Nobody can use it any more. Safe to ask again. */
  destroyMacKey(keyId: string): Promise<void>
  close(): Promise<void>
}

/** The longest message that every KMS takes in one piece (AWS KMS `GenerateMac`). */
export const LONGEST_MESSAGE = 4096
