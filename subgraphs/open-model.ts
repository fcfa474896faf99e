import type { Log } from './log.ts'
import { followModel } from './recommendations/follow-model.ts'
import type { CurrentFactors } from './recommendations/item-factors.ts'

export interface OpenModel {
  readonly surroundings: { readonly factors?: CurrentFactors }
  stop(): void
}

/** The model that the settings name, followed; without one products are ranked by what the same people bought. */
export function openModel(directory: string | null | undefined, log: Log): OpenModel {
  if (directory === null || directory === undefined) return { surroundings: {}, stop: () => undefined }
  const followed = followModel({ directory, log })
  return { surroundings: { factors: followed.current }, stop: () => followed.stop() }
}
