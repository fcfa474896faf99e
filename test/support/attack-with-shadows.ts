import { createRandom } from '../history/random.ts'

interface Shadows {
  readonly people: readonly Int32Array[]
  readonly models: number
  readonly seed: number
}

interface Outcome {
  /** Chance that a member looks more like a member than somebody else does. */
  readonly auc: number
  /** Members who are found at one false alarm in a hundred. */
  readonly found: number
  readonly members: number
}

/**
 * LiRA: each model is trained on a random half of the people. Each in turn is attacked with the others as shadows: how somebody
 * fits models with them and models without them are two normal distributions, and the likelihoods of their fit in the attacked
 * model under both are held against each other.
 */
export const attackWithShadows = <Model>(
  { people, models, seed }: Shadows,
  train: (baskets: readonly Int32Array[], seed: number) => Model,
  fit: (model: Model, person: Int32Array) => number,
): Outcome => {
  const random = createRandom(seed)
  const members = Array.from({ length: models }, () => people.map(() => random.chance(0.5)))
  const fits = members.map((isIn, at) => {
    const model = train(
      people.filter((_, person) => isIn[person] === true),
      at + 1,
    )
    return people.map((person) => fit(model, person))
  })
  const [within, without]: [number[], number[]] = [[], []]
  for (const [attacked, isIn] of members.entries())
    for (const person of people.keys()) {
      const shadowsOf = (side: boolean) =>
        fits
          .filter((_, at) => at !== attacked && members[at]?.[person] === side)
          .map((all) => all[person] as number)
      const [inside, outside] = [shadowsOf(true), shadowsOf(false)]
      if (inside.length < 2 || outside.length < 2) continue
      const own = fits[attacked]?.[person] as number
      const spread = Math.sqrt((varianceOf(inside) + varianceOf(outside)) / 2) + 1e-12
      const likelihood = (((own - mean(outside)) / spread) ** 2 - ((own - mean(inside)) / spread) ** 2) / 2
      ;(isIn[person] === true ? within : without).push(likelihood)
    }
  without.sort((a, b) => a - b)
  const limit = without[Math.ceil(without.length * 0.99) - 1] as number
  return {
    auc: within.reduce((sum, value) => sum + below(without, value), 0) / within.length / without.length,
    found: within.filter((value) => value > limit).length,
    members: within.length,
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const varianceOf = (values: readonly number[]): number => {
  const middle = mean(values)
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
}

/** How many are below; equal ones count half. */
const below = (sorted: readonly number[], value: number): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  let equal = 0
  while (sorted[low + equal] === value) equal += 1
  return low + equal / 2
}
