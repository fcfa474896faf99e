import type { Direction, FindingKind, Level } from './finding.ts'

interface Entry {
  readonly kind: FindingKind
  readonly level: Level
  readonly direction?: Direction
  /** What is the case, whatever the place. */
  readonly sentence: string
  readonly remedy: string
  /** Whether an owner can allow it. */
  readonly isForOwner: boolean
}

/** Closed: a code that is not in the catalogue does not compile. */
export type FindingCode = keyof typeof FINDINGS

const fault = (sentence: string, remedy: string): Entry => ({
  kind: 'composition',
  level: 'error',
  sentence,
  remedy,
  isForOwner: false,
})

/** The catalogue: code → kind, level, direction, sentence, remedy. Composition faults keep the composer’s codes. */
export const FINDINGS = {
  NOT_COMPOSED: fault('The graph does not compose.', 'Correct it.'),
  CHECK_FAILED: fault(
    'A check could not be decided, so it is taken as failed.',
    'Correct the findings beside this one; if there are none, check the files one by one.',
  ),
} as const satisfies Record<string, Entry>
