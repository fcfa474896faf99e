/** When whoever met a store that does not answer asks again, as `retry-after` says. */
export const RETRY_SECONDS = 5
