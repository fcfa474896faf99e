/** Item factors that were learned under differential privacy, and what is to be known about them. */
export interface Model {
  readonly card: ModelCard
  readonly items: readonly string[]
  readonly dims: number
  /** Row by row, in the order of the items. */
  readonly factors: Float32Array
  /** How well an item does with everybody. */
  readonly bias: Float32Array
}

export interface ModelCard {
  readonly format: 'assent-model/1'
  readonly kind: ModelKind
  /** Names this model: of its contents, so that another model has another one. */
  readonly version: string
  readonly dims: number
  readonly items: number
  /** Noisy, as everything here that was counted among people. */
  readonly people: number
  readonly privacy: PrivacyOfModel
  readonly source: ModelSource
  readonly quality: ModelQuality
  /**
   * Where what nobody in particular is shown was counted: among everybody at once, whatever locale is asked for, since no interactions
   * and no event contract say where somebody was. Absent in cards of before.
   */
  readonly popularity?: 'everywhere'
  /** SHA-256 of the files beside the card. */
  readonly digests: Readonly<Record<'factors' | 'items', string>>
  /** Only in test mode: whoever knows it can take the noise away, so such a model is not served. */
  readonly testSeed: number | null
}

/** `popularity`: nothing was better at this ε, so the same is recommended to everybody. */
export type ModelKind = 'co-occurrence' | 'gradient' | 'popularity'

export interface PrivacyOfModel {
  /** What the neighbouring data sets differ in. */
  readonly unit: 'one person'
  readonly neighbours: 'added or removed'
  readonly epsilon: number
  readonly delta: number
  readonly accountant: 'zcdp' | 'rdp'
  /** What was read of the people, in its order. */
  readonly releases: readonly PrivateRelease[]
  /** Why this kind was chosen, and what the choice cost is among the releases. */
  readonly choice: string
}

export interface PrivateRelease {
  readonly name: string
  /** What every person’s part is clipped to, in L2: pairs and shares have length one, gradients are shortened to theirs. */
  readonly clip: number
  /** Standard deviation of the noise, in clips. */
  readonly noiseMultiplier: number
  readonly samplingRate: number
  /** Steps really taken. */
  readonly steps: number
}

/** Who was trained on is not told here: `lineage.json` beside the card says it, to the house alone. */
export interface ModelSource {
  /** Where the list of items is from. It is public, and has to be: an item that one person alone took would tell of them. */
  readonly catalogue: 'given' | 'interactions'
  readonly lineage: 'lineage.json'
  /** The receipts that were used; absent where nobody said which these are. */
  readonly receipts?: BoundReceipts
}

/** Binds the card to the list of receipts beside it, without telling of them: the file stays in the house. */
export interface BoundReceipts {
  readonly file: typeof RECEIPTS_FILE
  /** Digest of the list together with a random number that stays in the house. */
  readonly commitment: string
}

/** One receipt a line, with the person and the events that were used under it. */
export const RECEIPTS_FILE = 'receipts.ndjson'

/** What the lineage says of the list of receipts. */
export interface ReceiptsBeside {
  readonly file: typeof RECEIPTS_FILE
  /** Different ones. */
  readonly count: number
  /** SHA-256 of the file. */
  readonly digest: string
  /** With it the card is bound to the file. */
  readonly nonce: string
}

/** What a card must not hold, since one person more or less changes it. Never leaves the house. */
export interface Lineage {
  /** SHA-256 of the interactions as they were read. */
  readonly interactions: string
  /** Of the set that it was trained on. */
  readonly trainingSet: string | null
  /** Those on which the training rests; null where there is no set. */
  readonly receipts: ReceiptsBeside | null
}

export interface ModelQuality {
  /** Gain in recall@20 over popularity, as it was measured privately; null where it was not. */
  readonly gain: QualityEstimate | null
}

export interface QualityEstimate {
  readonly value: number
  /** 95 % of what noise and chance of people leave open. */
  readonly interval: readonly [number, number]
}
