import type { CurrentFactors } from '../../subgraphs/recommendations/item-factors.ts'

export interface KnownOfItems {
  /** What goes with an item, and how well. */
  readonly near: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By locale, best first. */
  readonly popular: Readonly<Record<string, readonly string[]>>
}

/** A model of which a test says what it has learned. */
export const factorsOf =
  ({ near, popular }: KnownOfItems): CurrentFactors =>
  () => ({
    model: 'test/1',
    async rank(history, most, only) {
      const scores = new Map<string, number>()
      for (const own of history)
        for (const [item, score] of Object.entries(near[own] ?? {}))
          if (!history.includes(item)) scores.set(item, (scores.get(item) ?? 0) + score)
      return [...scores]
        .filter(([item]) => only?.includes(item) ?? true)
        .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
        .slice(0, most)
        .map(([item]) => item)
    },
    towards: () => null,
    popular: (locales) => popular[locales.find((locale) => popular[locale] !== undefined) ?? ''] ?? [],
  })
