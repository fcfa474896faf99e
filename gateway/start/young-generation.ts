/** Of a gateway's heap, in megabytes: two halves of 32 and as much again for what is large. */
export const YOUNG_GENERATION_MB = 96

/** The same for a process, where it is said of one half. */
export const YOUNG_GENERATION_FLAGS: readonly string[] = [`--max-semi-space-size=${YOUNG_GENERATION_MB / 3}`]
