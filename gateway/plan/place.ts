import type { SubgraphView } from '../../schema/supergraph.ts'
import type { Path } from './query-plan.ts'
import type { World } from './world.ts'

/** Where the cut stands: which type, at which response paths. */
export interface Place {
  readonly world: World
  readonly view: SubgraphView
  readonly type: string
  readonly paths: readonly Path[]
}
