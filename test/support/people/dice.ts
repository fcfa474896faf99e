import { createRandom, type Random } from '../../history/random.ts'

export interface Dice extends Random {
  /** An item of a list that begins with the frequent ones: the share of the n-th falls as 1/n (Zipf). */
  often<Item>(items: readonly Item[]): Item
  /** From `least` to `most`, both included. */
  between(least: number, most: number): number
  digits(count: number): string
  /** One of those named, each as often as its weight says. */
  weighted<Item>(choices: readonly (readonly [weight: number, item: Item])[]): Item
  /** `usual`, or by the chance named what `other` gives. */
  sometimes(chance: number, other: () => string, usual: string): string
}

/** Chance that a seed decides: the same seed makes the same people. */
export const createDice = (seed: number): Dice => {
  const random = createRandom(seed)
  const fraction = (): number => random.below(2 ** 30) / 2 ** 30
  const between = (least: number, most: number): number => least + random.below(most - least + 1)
  return {
    ...random,
    between,
    // The inverse of the cumulated 1/n, with the first items evened out: no surname is a tenth of all.
    often: (items) => {
      const [shift, count] = [8, items.length]
      const place = shift * ((count / shift + 1) ** fraction() - 1)
      const item = items[Math.min(count - 1, Math.floor(place))]
      if (item === undefined) throw new Error('nothing to choose from')
      return item
    },
    digits: (count) => Array.from({ length: count }, () => String(random.below(10))).join(''),
    weighted: (choices) => {
      let rest = fraction() * choices.reduce((total, [weight]) => total + weight, 0)
      for (const [weight, item] of choices) {
        rest -= weight
        if (rest < 0) return item
      }
      throw new Error('nothing to choose from')
    },
    sometimes: (chance, other, usual) => (random.chance(chance) ? other() : usual),
  }
}
