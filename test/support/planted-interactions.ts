import { createRandom, type Random } from '../history/random.ts'

/** What is planted: how many people and items, in how many tastes. */
export interface Planting {
  readonly people: number
  readonly items: number
  readonly seed: number
  readonly tastes?: number
}

export interface Planted {
  /** `user,item,timestamp`. */
  readonly csv: string
  /** `item,category`: the tastes themselves, as a shop would know them. */
  readonly itemsCsv: string
  /** By person: places of items, oldest first. */
  readonly baskets: readonly Int32Array[]
  readonly names: readonly string[]
  readonly categories: Int32Array
}

/**
 * People with one to three tastes of so many, and items that belong to one each, some far more popular than others. The numbers are
 * set so that lists of twenty find about 0.175 of what people took last by popularity, and 0.376 by EASE (2,000 people).
 */
export const plant = ({ people, items, seed, tastes = 8 }: Planting): Planted => {
  const random = createRandom(seed)
  const fraction = (): number => (random.below(2 ** 30) + 0.5) / 2 ** 30
  const order = shuffled(
    random,
    Array.from({ length: items }, (_, item) => item),
  )
  const categories = Int32Array.from({ length: items }, (_, item) => (order[item] as number) % tastes)
  const appeal = Float64Array.from({ length: items }, (_, item) => (1 + item) ** -SKEW)
  const baskets = Array.from({ length: people }, () => {
    const weights = new Float64Array(tastes)
    for (let count = 1 + random.below(3); count > 0; count -= 1) {
      const taste = random.below(tastes)
      weights[taste] = (weights[taste] as number) + fraction() + 0.3
    }
    const all = weights.reduce((sum, weight) => sum + weight, 0)
    const size = Math.min(items / 4, Math.max(5, Math.round(20 * Math.exp(0.5 * normal(fraction)))))
    // Those who come first of independent exponential times are drawn without replacement, each by its weight.
    const times = appeal.map((base, item) => {
      const own = (weights[categories[item] as number] as number) / all
      return -Math.log(fraction()) / (base * (ANYTHING + (1 - ANYTHING) * tastes * own))
    })
    const drawn = [...times.keys()]
      .toSorted((a, b) => (times[a] as number) - (times[b] as number))
      .slice(0, size)
    return Int32Array.from(shuffled(random, drawn))
  })
  const names = Array.from({ length: items }, (_, item) => `i${String(item).padStart(4, '0')}`)
  return {
    csv: csvOf(baskets, names),
    itemsCsv: ['item,category', ...names.map((name, item) => `${name},c${categories[item]}`), ''].join('\n'),
    baskets,
    names,
    categories,
  }
}

const SKEW = 0.6
/** How much of what people take has nothing to do with their tastes. */
const ANYTHING = 0.2

const shuffled = (random: Random, items: readonly number[]): number[] => {
  const mixed = [...items]
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1)
    const moved = mixed[at] as number
    mixed[at] = mixed[other] as number
    mixed[other] = moved
  }
  return mixed
}

const normal = (fraction: () => number): number =>
  Math.sqrt(-2 * Math.log(fraction())) * Math.cos(2 * Math.PI * fraction())

const csvOf = (baskets: readonly Int32Array[], names: readonly string[]): string => {
  const lines = ['user,item,timestamp']
  for (const [person, basket] of baskets.entries())
    for (const [at, item] of basket.entries())
      lines.push(`p${person},${names[item]},${1_700_000_000 + person + 3_600 * at}`)
  return `${lines.join('\n')}\n`
}
