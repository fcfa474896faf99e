/** Gives every item a score for who took these. `found` may be used for the answer. */
export type Scorer = (history: Int32Array, found: Float64Array) => Float64Array
