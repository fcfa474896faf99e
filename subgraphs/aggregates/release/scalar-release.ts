import type { Bounded } from '../bound-contributions.ts'
import type { Metric, Statistic, ValueTerms } from '../metric.ts'
import { audiencePart, scalarPart } from './part.ts'
import { CONFIDENCE, type Estimate, type Kind, type Noisy, within } from './release.ts'

/** Of the four numbers a metric can be asked for, how each is counted and what its noise lets be known. */
export const scalarKind = (metric: Metric, statistic: Statistic): Kind<Estimate> => {
  switch (statistic) {
    case 'people':
      return { parts: [audiencePart], shown: ([people]) => counted(people) }
    case 'count':
      return {
        parts: [audiencePart, scalarPart(metric.contributions, 3, events)],
        shown: ([, count]) => counted(count),
      }
    case 'sum':
      return sumKind(metric, valueOf(metric))
    case 'mean':
      return meanKind(metric, valueOf(metric))
  }
}

const valueOf = ({ value, name }: Metric): ValueTerms => {
  if (value === null) throw new RangeError(`${name} has no value`)
  return value
}

const events = (people: Bounded): bigint => BigInt(people.reduce((sum, own) => sum + own.length, 0))

const counted = (noisy: Noisy | undefined): Estimate => {
  const { value, reach } = one(noisy, 1 - CONFIDENCE)
  return {
    value: Math.max(0, value),
    low: Math.max(0, value - reach),
    high: Math.max(0, value + reach),
  }
}

/** One person's values add up to at most `contributions` times the bound that is further from zero. */
const sumKind = ({ contributions }: Metric, { lower, upper, grid }: ValueTerms): Kind<Estimate> => ({
  parts: [
    audiencePart,
    scalarPart(contributions * Math.max(Math.abs(lower), Math.abs(upper)), 3, (people) =>
      total(people, ({ steps }) => steps),
    ),
  ],
  shown: ([, sum]) => {
    const { value, reach } = one(sum, 1 - CONFIDENCE)
    return { value: value * grid, low: (value - reach) * grid, high: (value + reach) * grid }
  },
})

/**
 * The mean is not counted: a noisy sum is divided by a noisy count, and both are charged. The sum is that of the distances from the
 * middle, in half steps, so that one person changes it by half of what they would change the sum itself.
 */
const meanKind = ({ contributions }: Metric, { lower, upper, grid }: ValueTerms): Kind<Estimate> => ({
  parts: [
    audiencePart,
    scalarPart(contributions, 1, events),
    scalarPart(contributions * (upper - lower), 2, (people) =>
      total(people, ({ steps }) => 2 * steps - (lower + upper)),
    ),
  ],
  shown: ([, number, sum]) => {
    const beta = (1 - CONFIDENCE) / 2
    const [n, s] = [one(number, beta), one(sum, beta)]
    const most = Math.max(1, n.value + n.reach)
    const least = Math.max(1, n.value - n.reach)
    const meanOf = (halfSteps: number, count: number): number =>
      within((lower + upper + halfSteps / count) / 2, lower, upper) * grid
    const lowSum = s.value - s.reach
    const highSum = s.value + s.reach
    return {
      value: meanOf(s.value, Math.max(1, n.value)),
      low: meanOf(lowSum, lowSum < 0 ? least : most),
      high: meanOf(highSum, highSum < 0 ? most : least),
    }
  },
})

const total = (people: Bounded, of: (contribution: { readonly steps: number }) => number): bigint => {
  let sum = 0n
  for (const own of people) for (const contribution of own) sum += BigInt(of(contribution))
  return sum
}

const one = (noisy: Noisy | undefined, beta: number): { readonly value: number; readonly reach: number } => {
  if (noisy === undefined) throw new RangeError('a part is missing')
  return { value: noisy.values[0] ?? 0, reach: noisy.noise.reach(beta) }
}
