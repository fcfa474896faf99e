/** Made-up people with tastes, what they took, and vectors of both: what noise hides and spoils is measured on them. */
export interface PlantedPeople {
  readonly items: readonly Float32Array[]
  /** Of all that each took, of length 1. */
  readonly whole: readonly Float32Array[]
  /** Of one half of it, and of the other. */
  readonly halves: readonly (readonly [Float32Array, Float32Array])[]
}

const ITEMS = 300
const TAKEN = 20

/** The same at each run: it says whether a setting is refused. */
export function plantedPeople(count: number, dims: number, seed = 1): PlantedPeople {
  const next = numbersFrom(seed)
  const items = Array.from({ length: ITEMS }, () => gaussian(dims, next))
  const people = Array.from({ length: count }, () => {
    const taste = gaussian(dims, next)
    const ranked = items
      .map((item, at) => ({ at, score: dot(item, taste) - Math.log(-Math.log(next())) * TEMPER }))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, TAKEN)
      .map(({ at }) => items[at] as Float32Array)
    return { all: ranked, some: ranked.filter((_, n) => n % 2 === 0), rest: ranked.filter((_, n) => n % 2) }
  })
  return {
    items,
    whole: people.map(({ all }) => unitOf(all)),
    halves: people.map(({ some, rest }) => [unitOf(some), unitOf(rest)] as const),
  }
}

/** People do not take what suits them best and nothing else. */
const TEMPER = 1.5

const unitOf = (vectors: readonly Float32Array[]): Float32Array => {
  const sum = new Float32Array(vectors[0]?.length ?? 0)
  for (const vector of vectors) for (let at = 0; at < sum.length; at += 1) sum[at]! += vector[at]!
  const length = Math.sqrt(dot(sum, sum)) || 1
  return sum.map((value) => value / length)
}

const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!
  return sum
}

const gaussian = (dims: number, next: () => number): Float32Array =>
  Float32Array.from(
    { length: dims },
    () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  )

/** Mulberry32: for what is made up, and for nothing that has to be secret. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
