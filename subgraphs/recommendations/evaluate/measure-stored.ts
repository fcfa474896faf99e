import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import type { Factors } from '../train/factors.ts'
import { linkageReport } from '../vectors/linkage-report.ts'
import { noising } from '../vectors/noised-vector.ts'
import { type Interval, measure } from './measure.ts'
import type { Split } from './split-by-time.ts'

/** What it would be to keep vectors of people, with noise in them, and not to compute them for each request. */
export interface StoredReport {
  readonly trainer: string
  readonly epsilon: number
  readonly dims: number
  /** How many the attacker chooses among; with more of them fewer are found. */
  readonly among: number
  readonly mostLinkage: number
  /** Of vectors that are computed for each request and kept nowhere. */
  readonly perRequest: Interval
  readonly rows: readonly StoredRow[]
}

export interface StoredRow {
  readonly sigma: string
  readonly recall: Interval
  /** What share of the twenty that suit somebody best is still among their twenty. */
  readonly overlap: number
  /** In how many cases somebody is found by who knows all they did, and by who knows every other thing. */
  readonly linkage: number
  readonly linkageOfHalf: number
  /** More are found than may be: this noise is refused for storing. */
  readonly isRefused: boolean
}

export interface MeasuringStored {
  readonly sigmas: readonly string[]
  readonly mostLinkage: number
  readonly words: RandomWords
}

/** Quality and linkage for each σ, side by side, on the people whose vectors would be kept. Null: there are no vectors to keep. */
export const measureStored = (
  splits: readonly Split[],
  {
    factors,
    ...of
  }: Pick<StoredReport, 'trainer' | 'epsilon' | 'perRequest'> & { readonly factors: Factors },
  { sigmas, mostLinkage, words }: MeasuringStored,
): StoredReport | null => {
  if (factors.dims === 0) return null
  const asked = splits.map(({ history }) => history).filter(({ length }) => length > 1)
  const histories = asked.slice(0, AMONG)
  const terms = {
    people: histories.map((history) => unitVector(factors, history)),
    items: itemsOf(factors),
    clip: CLIP,
    words,
  }
  const known = histories.map((history) => unitVector(factors, everyOther(history)))
  const rows = sigmas.map((sigma) => {
    const [row] = linkageReport([sigma], terms)
    const [half] = linkageReport([sigma], { ...terms, known })
    const { linkage = 1, overlap = 0 } = row ?? {}
    const noise = noising({ sigma, clip: CLIP }, words)
    const { recall } = measure(
      splits,
      (history, found) => scoresOf(factors, noise(unitVector(factors, history)), found),
      factors.bias.length,
    )
    const linkageOfHalf = half?.linkage ?? 1
    const isRefused = linkage > mostLinkage
    return { sigma, recall, overlap, linkage, linkageOfHalf, isRefused }
  })
  return { ...of, dims: factors.dims, among: histories.length, mostLinkage, rows }
}

/** Each is compared with each. Of fewer people more are found, so that this tells rather too much than too little. */
const AMONG = 2_000
const CLIP = 1

/** What would be kept: the direction, since noise is drawn for vectors of length one. */
const unitVector = ({ dims, vectors }: Factors, history: Int32Array): Float32Array => {
  const sum = new Float32Array(dims)
  for (const item of history)
    for (let at = 0; at < dims; at += 1) sum[at] = (sum[at] as number) + (vectors[item * dims + at] as number)
  const length = Math.sqrt(sum.reduce((all, value) => all + value * value, 0)) || 1
  return sum.map((value) => value / length)
}

const everyOther = (history: Int32Array): Int32Array => history.filter((_, at) => at % 2 === 0)

const itemsOf = ({ dims, vectors, bias }: Factors): readonly Float32Array[] =>
  Array.from(bias, (_, item) => Float32Array.from(vectors.subarray(item * dims, (item + 1) * dims)))

/** As a search for the nearest finds them: the inner product, and nothing of popularity. */
const scoresOf = ({ dims, vectors }: Factors, own: Float32Array, found: Float64Array): Float64Array => {
  for (let item = 0; item < found.length; item += 1) {
    let score = 0
    for (let at = 0; at < dims; at += 1) score += (own[at] as number) * (vectors[item * dims + at] as number)
    found[item] = score
  }
  return found
}
