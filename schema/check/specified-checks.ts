import type { Check } from './check.ts'
import { composition } from './rules/composition.ts'

/** Every check, in the order they run: nothing is compared of what cannot be read. */
export const specifiedChecks: readonly Check[] = Object.freeze([composition])
