import { createHash } from 'node:crypto'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { type Dimension, type Metric, type Statistic, STATISTICS, type ValueTerms } from './metric.ts'
import type { Fields } from './read-fields.ts'

/** One file of `aggregates/`. */
export function readMetric(fields: Fields, vocabulary: Vocabulary): Omit<Metric, 'digest'> {
  const value = fields.below('value')
  const terms = value === null ? null : readValue(value)
  const statistics = fields.names('statistics')
  for (const name of statistics) {
    if (!isStatistic(name)) fields.fault('statistics', `one of ${STATISTICS.join(', ')} is expected`)
    if ((name === 'sum' || name === 'mean') && terms === null)
      fields.fault('statistics', 'a sum or mean needs a `value`')
  }
  const metric = {
    name: fields.text('metric'),
    description: fields.text('description'),
    event: fields.text('event'),
    ...readPurpose(fields, vocabulary),
    statistics: statistics.filter(isStatistic),
    contributions: fields.whole('contributions', { least: 1, most: 10_000 }),
    value: terms,
    cells: fields.whole('cells', { least: 1, most: 1_000 }, 1),
    quantiles: fields.has('quantiles') ? fields.whole('quantiles', { least: 2, most: 4_096 }) : null,
    dimensions: readDimensions(fields.below('dimensions')),
    mechanism: fields.word('mechanism', ['discrete-laplace', 'discrete-gaussian'], 'discrete-laplace'),
    epsilon: readEpsilon(fields),
    suppressBelow: fields.whole('suppressBelow', { least: 10, most: 1_000_000 }),
  }
  if (metric.quantiles !== null && terms === null) fields.fault('quantiles', 'quantiles need a `value`')
  // So that every scale of noise is one that is drawn exactly, and every sum one that is written exactly.
  if (terms !== null && metric.contributions * (spanOf(terms) + 1) > MOST_CHANGE)
    fields.fault('value', 'one person changes too many steps: take a coarser `grid` or narrower bounds')
  fields.end()
  return metric
}

export const digestOf = (metric: Omit<Metric, 'digest'>): string => {
  const { dimensions, purposes, ...rest } = metric
  const text = JSON.stringify({ ...rest, dimensions: [...dimensions], purposes: [...purposes] })
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

const MOST_CHANGE = 1e8

const isStatistic = (name: string): name is Statistic => (STATISTICS as readonly string[]).includes(name)

const spanOf = ({ lower, upper }: ValueTerms): number =>
  Math.max(upper - lower, Math.abs(lower), Math.abs(upper))

function readPurpose(fields: Fields, vocabulary: Vocabulary): Pick<Metric, 'scope' | 'purposes'> {
  const scope = fields.text('scope')
  if (scope !== '' && !vocabulary.scopes.has(scope))
    fields.fault('scope', 'a scope of the vocabulary is expected')
  const purposes = fields.names('purposes')
  for (const purpose of purposes)
    if (vocabulary.purposes.get(purpose)?.scopes.has(scope) !== true)
      fields.fault('purposes', 'purposes of the vocabulary that may use the scope are expected')
  return { scope, purposes: new Set(purposes) }
}

const readEpsilon = (fields: Fields): Metric['epsilon'] => {
  const terms = fields.below('epsilon')
  if (terms === null) {
    fields.fault('epsilon', '`default` and `most` are expected')
    return { default: 1, most: 1 }
  }
  const most = thousandths(terms, 'most', 10)
  const read = { default: thousandths(terms, 'default', most / 1000), most }
  terms.end()
  return read
}

const thousandths = (terms: Fields, key: string, most: number): number => {
  const epsilon = terms.number(key, { least: 0.001, most })
  const whole = Math.round(epsilon * 1000)
  if (whole / 1000 !== epsilon) terms.fault(key, 'a number of thousandths is expected')
  return whole
}

function readValue(value: Fields): ValueTerms {
  const grid = value.number('grid', { least: 1e-6, most: 1e6 }, 1)
  const steps = (key: string, number: number): number => {
    const whole = Math.round(number / grid)
    if (Math.abs(whole * grid - number) > grid * 1e-6) value.fault(key, 'a multiple of `grid` is expected')
    return whole
  }
  const range = { least: -1e12, most: 1e12 }
  const lower = steps('lower', value.number('lower', range))
  const upper = steps('upper', value.number('upper', range))
  if (upper <= lower) value.fault('upper', 'more than `lower` is expected')
  const edges = value.has('edges') ? value.numbers('edges').map((edge) => steps('edges', edge)) : []
  if (edges.some((edge, index) => index > 0 && edge <= (edges[index - 1] ?? edge)) || edges.length === 1)
    value.fault('edges', 'two or more ascending numbers are expected')
  const terms = { field: value.text('field'), unit: value.text('unit'), grid, lower, upper, edges }
  value.end()
  return terms
}

function readDimensions(dimensions: Fields | null): ReadonlyMap<string, Dimension> {
  const read = new Map<string, Dimension>()
  for (const name of dimensions?.keys() ?? []) {
    const one = dimensions?.below(name)
    if (!one) continue
    read.set(name, { field: one.text('field'), values: one.names('values') })
    one.end()
  }
  return read
}
