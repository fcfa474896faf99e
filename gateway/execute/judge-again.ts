import type { Fence } from '../fence/fence.ts'
import type { JudgedAgain } from '../plan/split-plan.ts'
import type { World } from '../plan/world.ts'
import { candidatesOf } from './candidates.ts'
import { type DataObject, objectsAt } from './targets.ts'

/** Asks the fence about values that were fetched before and are shown again: they are shown only if they may be now. */
export const judgeAgain = async (
  again: readonly JudgedAgain[],
  data: DataObject,
  { fence, world }: { readonly fence: Fence; readonly world: World },
): Promise<void> => {
  await Promise.all(
    again.map(async ({ subgraph, lookup }) => {
      const objects = objectsAt(data, lookup.paths, world)
      if (objects.length > 0) await fence.admit(subgraph, lookup, candidatesOf(objects, lookup, world))
    }),
  )
}
