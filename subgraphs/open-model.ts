import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Stores } from './all.ts'
import type { Log } from './log.ts'
import { type FollowedModel, followModel, type FollowModelOptions } from './recommendations/follow-model.ts'
import type { CurrentFactors } from './recommendations/item-factors.ts'
import { readLocalPopularity } from './recommendations/local-popularity.ts'
import type { ModelVectors } from './recommendations/published-factors.ts'
import { readModel } from './recommendations/train/model-files.ts'

export interface OpenModel {
  readonly surroundings: { readonly factors?: CurrentFactors }
  stop(): void
}

interface ModelStores extends Pick<Stores, 'recommendations'> {
  /** Where items are searched; null: in this process. */
  readonly vectors?: ModelVectors | null
}

/** Made by `scripts/train-shop-model.ts` of many people who do not exist. */
const SHOP_MODEL = fileURLToPath(new URL('./recommendations/shop-model', import.meta.url))

/**
 * The model that the settings name, followed. Without one a shop that sells what the made-up one sells is served with the model
 * that was trained for that, and shown what was popular where; any other one shows its catalogue, since nobody counts what people buy
 * but with noise, and within a budget.
 */
export async function openModel(
  directory: string | null | undefined,
  { recommendations, vectors }: ModelStores,
  log: Log,
): Promise<OpenModel> {
  const follow = (terms: Omit<FollowModelOptions, 'vectors' | 'log'>): Promise<FollowedModel> =>
    followModel({ ...terms, ...(vectors && { vectors }), log })
  if (directory !== null && directory !== undefined) return served(await follow({ directory }))
  const { items } = readModel(SHOP_MODEL, 'serving')
  const sold = await recommendations.products(items)
  if (sold.length < items.length) return { surroundings: {}, stop: () => undefined }
  const { current, ...followed } = await follow({ directory: SHOP_MODEL, lookEveryMs: null })
  const popular = readLocalPopularity(join(SHOP_MODEL, 'popularity.json'))
  return served({
    ...followed,
    current: () => {
      const factors = current()
      return factors && { ...factors, popular }
    },
  })
}

const served = (followed: FollowedModel): OpenModel => ({
  surroundings: { factors: followed.current },
  stop: () => followed.stop(),
})
