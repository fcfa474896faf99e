import type { ItemFactors } from './item-factors.ts'
import type { Model } from './train/model.ts'
import { userVector } from './train/user-vector.ts'
import { directionOf } from './train/direction-of.ts'
import type { VectorModel, VectorStore } from './vectors/vector-store.ts'

/** What a model that is served needs of where vectors lie. */
export type ModelVectors = Pick<
  VectorStore,
  'publish' | 'index' | 'items' | 'noteUse' | 'unusedSince' | 'retire'
>

/**
 * A model whose items lie where vectors are searched. It is published once under its name, which is made of its contents: whoever
 * comes second, after a restart or on another replica, finds it there.
 */
export async function publishedFactors(
  model: Model,
  vectors: ModelVectors,
  now: number,
): Promise<ItemFactors> {
  const published = publishedAs(model)
  // First, so that what is there already is not taken for unused in this moment.
  await vectors.noteUse(published.name, now)
  if (await vectors.publish(published, itemVectors(model))) await vectors.index(published.name)
  const known = new Set(model.items)
  const popular = bestFirst(model.items, model.bias)
  return {
    model: published.name,
    async rank(history, most, only) {
      const own = history.filter((item) => known.has(item))
      if (own.length === 0) return []
      const found = await vectors.items({
        model: published,
        vector: askedVector(model, own),
        k: most,
        eligible: {
          except: [...new Set(own)],
          ...(only && { only: only.filter((item) => known.has(item)) }),
        },
      })
      return found.map(({ id }) => id)
    },
    // What everybody did was read once and with noise, and where is not among it.
    popular: () => popular,
    towards(items) {
      const vector = directionOf(model, items)
      return vector && { model: published, vector }
    },
  }
}

/** Under which name its vectors lie. */
export const publishedAs = ({ card: { kind, version }, dims }: Model): VectorModel => ({
  name: `${kind}/${version}`,
  dims: dims + 1,
  card: version,
})

const bestFirst = (items: readonly string[], score: Float32Array): readonly string[] =>
  items
    .map((item, place) => ({ item, score: score[place] ?? 0 }))
    .toSorted((a, b) => b.score - a.score || (a.item < b.item ? -1 : 1))
    .map(({ item }) => item)

/** How well an item does with everybody is one coordinate more, for which each person has a one: a search ranks by both. */
const itemVectors = ({ items, dims, factors, bias }: Model) =>
  items.map((item, place) => ({
    item,
    vector: Float32Array.of(...factors.subarray(place * dims, (place + 1) * dims), bias[place] ?? 0),
  }))

/** A person is to the model what they allow at this moment: the vector lives as long as the search. */
const askedVector = (model: Model, own: readonly string[]): Float32Array =>
  Float32Array.of(
    ...userVector(
      model,
      own.map((item) => ({ item, weight: 1 })),
    ),
    1,
  )
