import { bestItems } from '../train/best-items.ts'
import type { Scorer } from './scorer.ts'
import type { Split } from './split-by-time.ts'

/** How well lists of twenty foretell what people took later. */
export interface Measured {
  readonly recall: Interval
  readonly ndcg: Interval
  /** Part of the items that anybody is recommended. */
  readonly coverage: number
  /** Part of what is recommended that is among the most popular tenth; how far everybody is shown the same. */
  readonly popularPart: number
}

export interface Interval {
  readonly value: number
  /** 95 %, by drawing people anew (bootstrap). */
  readonly interval: readonly [number, number]
}

export const LIST = 20

export const measure = (splits: readonly Split[], scorer: Scorer, items: number): Measured => {
  const [recalls, ndcgs]: [number[], number[]] = [[], []]
  const shown = new Uint32Array(items)
  const popular = mostPopular(splits, items)
  let [among, all] = [0, 0]
  const scores = new Float64Array(items)
  for (const { history, later } of splits) {
    if (later.length === 0) continue
    const wanted = new Set(later)
    const list = bestItems(scorer(history, scores), history, LIST)
    recalls.push(list.filter((item) => wanted.has(item)).length / Math.min(LIST, wanted.size))
    ndcgs.push(ndcgOf(list, wanted))
    for (const item of list) {
      shown[item] = 1
      among += popular.has(item) ? 1 : 0
    }
    all += list.length
  }
  return {
    recall: bootstrap(recalls),
    ndcg: bootstrap(ndcgs),
    coverage: shown.reduce((sum, one) => sum + one, 0) / items,
    popularPart: all === 0 ? 0 : among / all,
  }
}

const ndcgOf = (list: readonly number[], wanted: ReadonlySet<number>): number => {
  const gain = list.reduce((sum, item, at) => sum + (wanted.has(item) ? 1 / Math.log2(at + 2) : 0), 0)
  const most = Array.from({ length: Math.min(LIST, wanted.size) }, (_, at) => 1 / Math.log2(at + 2))
  return gain / most.reduce((sum, one) => sum + one, 0)
}

const mostPopular = (splits: readonly Split[], items: number): ReadonlySet<number> => {
  const counts = new Float64Array(items)
  for (const { history } of splits) for (const item of history) counts[item] = (counts[item] as number) + 1
  return new Set(bestItems(counts, new Int32Array(0), Math.max(1, Math.round(items / 10))))
}

const DRAWS = 400

/** Always the same draws: a report of the same data is the same report. */
const bootstrap = (values: readonly number[]): Interval => {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  let state = 0x9e3779b9
  const means = Array.from({ length: DRAWS }, () => {
    let sum = 0
    for (let count = values.length; count > 0; count -= 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      sum += values[Math.floor((state / 2 ** 32) * values.length)] as number
    }
    return sum / Math.max(1, values.length)
  }).toSorted((a, b) => a - b)
  return {
    value: mean,
    interval: [means[Math.floor(DRAWS * 0.025)] ?? mean, means[Math.ceil(DRAWS * 0.975) - 1] ?? mean],
  }
}
