/** What has to be known of the keys beside the keys: kept with the data, without any secret. */
export interface KeyBook {
  read(): Promise<BookPage>
  /** Puts `page` in the place of the one whose revision it has. False: somebody else was first, and nothing is written. */
  write(page: BookPage): Promise<boolean>
}

export interface BookPage {
  /** 0: nothing was ever written. */
  readonly revision: number
  /** The newest first. */
  readonly keys: readonly KeyState[]
  /** The keys that data keys lie under, each sealed by the KMS; the first is used, the others still open. */
  readonly wrapping: readonly { readonly id: string; readonly sealed: string }[]
  readonly rotation: Rotation | null
}

/**
 * writing: tokens are made with it, and looked up. reading: looked up only. retired: neither; the key is destroyed.
 * Several write at once while tokens are rewritten, so that whoever knows either finds the person.
 */
export interface KeyState {
  /** A positive whole number, part of every token. */
  readonly version: number
  /** Its name in the KMS. */
  readonly keyId: string
  readonly state: 'writing' | 'reading' | 'retired'
  /** Milliseconds since the epoch: in use since, and until. */
  readonly from: number
  readonly to: number | null
  /** How its messages are made: a change of it is a change of every token, and therefore comes with a new version. */
  readonly format: TokenFormat
}

export interface TokenFormat {
  /**
   * `standard`: tokens such as `e1_…`. `compact-email`: those of e-mail addresses are `base64url(HMAC(key, lower(email)))`
   * without anything else, as other systems with the same key make them.
   */
  readonly mode: 'standard' | 'compact-email'
  readonly email: EmailPolicy
}

/** Which spellings of an e-mail address are one: see `normaliseEmail`. */
export type EmailPolicy = 'as-written' | 'provider-rules'

/** A change of keys that is under way: what it was at when it was last heard of. */
export interface Rotation {
  readonly to: number
  readonly step: RotationStep
  /** Within the step: behind which position everything is done. */
  readonly position: number
  readonly done: number
  readonly total: number
  readonly startedAt: number
  /** Until then both are looked up, whoever else may be through. */
  readonly windowEnds: number
}

/**
 * rewriting: every record is given its names under the new key, beside the elder ones. waiting: until everybody has
 * heard, and the window is over. sweeping: what was written with elder keys meanwhile is rewritten, and elder names go.
 * destroying: nobody looks up with elder keys any more, and the keys themselves go.
 */
export type RotationStep = 'rewriting' | 'waiting' | 'sweeping' | 'destroying'

export const EMPTY_PAGE: BookPage = { revision: 0, keys: [], wrapping: [], rotation: null }

/** For tests, and for graphs that end with the process. */
export function createMemoryKeyBook(): KeyBook {
  let kept = EMPTY_PAGE
  return {
    read: async () => kept,
    async write(page) {
      if (page.revision !== kept.revision) return false
      kept = { ...page, revision: page.revision + 1 }
      return true
    },
  }
}
