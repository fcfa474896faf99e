import type { Manifest } from './features/training/training-set.ts'
import type { ReceiptsBeside } from './recommendations/train/model.ts'

/** Of whom a model was learned, as it lies beside the model in the house. Exact, and so not private: it goes nowhere. */
export interface HouseLineage {
  /** In the registry of sets, which knows from a person what they are in. */
  readonly trainingSet: string
  readonly manifest: Manifest
  /** However many pids they have. */
  readonly people: number
  /** In the ledger of the house. */
  readonly budget: string
  readonly run: string
  readonly receipts: ReceiptsBeside
}
