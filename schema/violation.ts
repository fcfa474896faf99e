import type { ViolationCode } from './violation-catalogue.ts'

declare const composer: unique symbol

/** A code of the composition library, passed on; the Apollo Federation error reference explains it. */
export type ComposerCode = string & { readonly [composer]: true }

/** One thing that is wrong with a graph, told so that its owner can find and mend it. */
export interface Violation {
  /** Stable, in capitals. */
  readonly code: ViolationCode | ComposerCode
  /** An error keeps a graph from being served; a warning tells a consequence. */
  readonly severity: 'error' | 'warning'
  readonly subgraph: string | null
  /** `Type` or `Type.field`; null when it is about a whole document. */
  readonly coordinate: string | null
  /** Line in the subgraph's own file, from 1; null when it has no single place. */
  readonly line: number | null
  /** From 1; only where the text itself could not be read. */
  readonly column?: number
  /** What is the case. Names coordinates, never values. */
  readonly message: string
  /** What to write instead. */
  readonly remedy: string
}
