import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { Path, Rewrite } from './query-plan.ts'
import { admits, type World } from './world.ts'

/** Where the cut stands: which type, at which response paths, and what the planner wants renamed from here down. */
export interface Place {
  readonly world: World
  readonly view: SubgraphView
  readonly type: string
  readonly paths: readonly Path[]
  readonly rewrites: readonly Rewrite[]
}

/** The planner's renames below one response key: what is moved takes them along. */
export const rewritesBelow = (rewrites: readonly Rewrite[], key: string): Rewrite[] =>
  rewrites.flatMap((rewrite) => {
    const path = rewrite.path.slice(rewrite.path.findIndex((segment) => 'key' in segment))
    const [first, ...rest] = path
    return first !== undefined && 'key' in first && first.key === key && rest.length > 0
      ? [{ ...rewrite, path: rest }]
      : []
  })

/** Those that apply to objects of one concrete type. */
export const rewritesFor = ({ rewrites, type, world }: Place): Rewrite[] =>
  rewrites.flatMap((rewrite) => {
    const [first, ...rest] = rewrite.path
    if (first === undefined || 'key' in first) return [rewrite]
    return first.types.some((name) => admits(world, name, type)) ? [{ ...rewrite, path: rest }] : []
  })
