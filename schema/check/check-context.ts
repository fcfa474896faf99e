import type { Side } from './side.ts'
import type { Told } from './tell.ts'

/** What every check sees. */
export interface CheckContext {
  readonly base: Side
  readonly head: Side
  /** The day by which announced ends have passed; null: none has. */
  readonly today: string | null
  /** Everything that is missing in head, and not only what the change left out. */
  readonly all: boolean
}

export type Check = (context: CheckContext) => readonly Told[] | Promise<readonly Told[]>
