/**
 * No answer about a person is told again later than this after it was asked for. Whoever counts what leaves counts it for so
 * much longer, since it may leave once more without being counted.
 */
export const LONGEST_TOLD_AGAIN_MS = 60_000
