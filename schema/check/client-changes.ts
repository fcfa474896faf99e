import type { ClientLeaf, ClientTerms } from './clients-of.ts'
import type { FindingCode } from './finding-catalogue.ts'

export type ClientChange = readonly [code: FindingCode, place: string, before?: string, after?: string]

/**
 * Every place of a contract is held against what stood there. Where it is not known which of two values is the tighter one,
 * a change loosens: what nobody has thought of is looked at by who answers for privacy.
 */
export const clientChanges = (before: ClientTerms, after: ClientTerms): ClientChange[] => {
  const [one, other] = [placesOf(before), placesOf(after)]
  const told = [...new Set([...one.keys(), ...other.keys()])].flatMap((place): ClientChange[] => {
    const [was, is] = [said(place, one.get(place)), said(place, other.get(place))]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    const entry = entryOf(place)
    if (entry !== null && !has(one, entry)) return [['CLIENT_LOOSENED', entry, '', entry]]
    if (entry !== null && !has(other, entry)) return [['CLIENT_TIGHTENED', entry, entry, '']]
    return [[codeOf(place, was, is), place, textOf(was), textOf(is)]]
  })
  return [...new Map(told.map((change) => [change[1], change])).values()]
}

type Value = ClientLeaf['value'] | undefined

/** Those that other findings tell of, and the sentences for reviewers, are left out. */
const placesOf = ({ leaves }: ClientTerms): Map<string, ClientLeaf['value']> =>
  new Map(
    leaves
      .filter(({ path: [top = ''] }) => !['client', 'purposes', 'scopes', 'review'].includes(top))
      .map(({ path, value }) => [path.join('.'), value]),
  )

/** With what holds where nothing is said; order within a list says nothing. */
const said = (place: string, value: Value): Value => {
  if (value === undefined) return Object.hasOwn(ORDERS, place) ? ORDERS[place]?.unsaid : undefined
  if (typeof value === 'string') return value
  return value.length === 0 && place !== 'fields' ? undefined : value.toSorted()
}

const textOf = (value: Value): string =>
  value === undefined ? '' : typeof value === 'string' ? value : value.join(', ')

/** A registered operation comes and goes as a whole. */
const entryOf = (place: string): string | null => /^operations\.[^.]+/.exec(place)?.[0] ?? null

const has = (places: ReadonlyMap<string, unknown>, entry: string): boolean =>
  [...places.keys()].some((place) => place === entry || place.startsWith(`${entry}.`))

const codeOf = (place: string, was: Value, is: Value): FindingCode => {
  if (/^operations\..+\.budgetMs$/.test(place)) return 'SAFE_CHANGE'
  if (place === 'owner' && typeof is === 'string' && is !== '') return 'OWNER_CHANGED'
  return isTighter(place, was, is) ? 'CLIENT_TIGHTENED' : 'CLIENT_LOOSENED'
}

const isTighter = (place: string, was: Value, is: Value): boolean => {
  const order = Object.hasOwn(ORDERS, place) ? ORDERS[place]?.order : undefined
  if (order !== undefined) return isBefore(order, textOf(is), textOf(was))
  const unsaid = Object.hasOwn(LISTS, place) ? LISTS[place] : undefined
  if (unsaid !== undefined) return isFewer(unsaid, was, is)
  if (place.startsWith('limits.')) return Number(is) < Number(was ?? Infinity)
  if (place === 'defaultPurpose') return is === undefined
  return was === undefined && /^operations\..+\.sha256$/.test(place)
}

/** For each setting its values from the tightest on, and the one that holds where nothing is said. */
const ORDERS: Readonly<Record<string, { readonly order: readonly string[]; readonly unsaid: string }>> = {
  operationsOnly: { order: ['true', 'false'], unsaid: 'false' },
  disclose: { order: ['coordinate', 'full'], unsaid: 'full' },
  onWithheld: { order: ['reject', 'strip'], unsaid: 'strip' },
  report: { order: ['none', 'errors', 'extensions'], unsaid: 'extensions' },
  introspection: { order: ['false', 'own', 'true'], unsaid: 'false' },
  explain: { order: ['false', 'true'], unsaid: 'false' },
}

/** A value that is not known is no tighter one. */
const isBefore = (order: readonly string[], one: string, other: string): boolean =>
  order.includes(one) && order.includes(other) && order.indexOf(one) < order.indexOf(other)

/** What holds where a list is not written. To exclude, more is tighter. */
const LISTS: Readonly<Record<string, 'all' | 'none' | 'excludes'>> = {
  policies: 'none',
  destinations: 'none',
  fields: 'all',
  regions: 'all',
  'tags.include': 'all',
  'tags.exclude': 'excludes',
}

const isFewer = (unsaid: 'all' | 'none' | 'excludes', was: Value, is: Value): boolean => {
  const [one, other] = [listOf(was), listOf(is)]
  if (unsaid === 'excludes') return one.every((name) => other.includes(name))
  if (unsaid === 'all' && (was === undefined || is === undefined)) return was === undefined
  return other.every((name) => one.includes(name))
}

const listOf = (value: Value): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value
