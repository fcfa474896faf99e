/** How many people of a locale bought a product. Names nobody. */
export interface Popularity {
  /** As `localeChain` writes it; `*` is everywhere. */
  readonly locale: string
  readonly sku: string
  readonly buyers: number
}

/**
 * From the nearest to everywhere: `de-DE` → `de-de`, `de`, `*` (lookup of RFC 4647 §3.4).
 * What is not a language tag is everywhere: the page stays useful.
 */
export function localeChain(locale: string | null | undefined): string[] {
  const tag = (locale ?? '').replaceAll('_', '-').toLowerCase()
  if (!/^[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}$/.test(tag)) return ['*']
  const parts = tag.split('-')
  return [...parts.map((_, cut) => parts.slice(0, parts.length - cut).join('-')), '*']
}

/** Counts buyers, not purchases. A locale's count below `minimumSupport` is left out: it would tell of one person. */
export function countBuyers(
  purchases: Iterable<{ readonly pid: string; readonly sku: string; readonly locale: string }>,
  minimumSupport = 2,
): Popularity[] {
  const buyers = new Map<string, Map<string, Set<string>>>()
  for (const { pid, sku, locale } of purchases) {
    for (const place of localeChain(locale)) {
      const products = buyers.get(place) ?? new Map<string, Set<string>>()
      buyers.set(place, products)
      products.set(sku, (products.get(sku) ?? new Set()).add(pid))
    }
  }
  return [...buyers].flatMap(([locale, products]) =>
    [...products]
      .map(([sku, people]) => ({ locale, sku, buyers: people.size }))
      .filter((row) => row.buyers >= minimumSupport),
  )
}
