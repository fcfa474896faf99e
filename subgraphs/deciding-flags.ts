/**
 * How Node runs whoever decides about consent. A decision about a hundred people makes a third of a megabyte of garbage, and what
 * cleans up after some of them makes the next one wait: with halves of 64 MB that is less than one in a hundred. The engine also
 * puts what one decision reads among what lives long, by guesses from its start; then each cleaning copies it.
 */
export const DECIDING_FLAGS: readonly string[] = [
  '--max-semi-space-size=64',
  '--no-allocation-site-pretenuring',
]
