/**
 * From the nearest to everywhere: `de-DE` → `de-de`, `de`, `*` (lookup of RFC 4647 §3.4).
 * What is not a language tag is everywhere: the page stays useful.
 */
export function localeChain(locale: string | null | undefined): string[] {
  const tag = (locale ?? '').replaceAll('_', '-').toLowerCase()
  if (!/^[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}$/.test(tag)) return [EVERYWHERE]
  const parts = tag.split('-')
  return [...parts.map((_, cut) => parts.slice(0, parts.length - cut).join('-')), EVERYWHERE]
}

const EVERYWHERE = '*'
