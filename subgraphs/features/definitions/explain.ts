import type { FeatureValue } from './feature-definition.ts'

/** What a value was computed from, as far as a sentence tells it. */
export interface Grounds {
  readonly value: FeatureValue
  /** How many events. */
  readonly count: number
  /** When the first and the last of them happened; milliseconds since the epoch. */
  readonly from: number | null
  readonly until: number | null
  readonly window: string | null
  readonly computedAt: number
}

/** What a template may have places for. */
export const PLACES = [
  'value',
  'count',
  'from',
  'until',
  'window',
  'computedAt',
] as const satisfies readonly (keyof Grounds)[]

/** The names in braces. */
export const placesOf = (template: string): readonly string[] =>
  [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)

/** One pass: what is put in is never read for places again. */
export function explain(template: string, grounds: Grounds): string {
  const words = new Map<string, string>(PLACES.map((place) => [place, wordFor(place, grounds)]))
  return template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => words.get(name) ?? '')
}

function wordFor(place: (typeof PLACES)[number], grounds: Grounds): string {
  const it = grounds[place]
  if (it === null) return 'unknown'
  if (place === 'from' || place === 'until' || place === 'computedAt')
    return new Date(Number(it)).toISOString()
  // Twelve digits are more than anybody means, and hide what binary fractions add.
  return typeof it === 'number' ? String(Number(it.toPrecision(12))) : String(it)
}
