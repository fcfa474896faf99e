import { readFileSync } from 'node:fs'
import type { Subgraph, SubgraphContext } from '../serve.ts'
import { type AskPorts, askCohort, type Asked, type Released } from './ask-cohort.ts'
import { cellsBy, cellsOfWidth, NO_CELLS } from './cells.ts'
import { metricTerms } from './metric-terms.ts'
import type { Aggregates, Metric, Statistic } from './metric.ts'
import { type Question, type ReadQuestion, readQuestion } from './question.ts'
import { refused, Refused } from './refusal.ts'
import { histogramKind } from './release/histogram-release.ts'
import { quantileKind } from './release/quantile-release.ts'
import { CONFIDENCE, type Estimate } from './release/release.ts'
import { scalarKind } from './release/scalar-release.ts'
import { refusedRelease, termsOfRelease } from './terms-of-release.ts'

export interface AggregatesOptions extends AskPorts {
  readonly aggregates: Aggregates
}

/** Numbers about cohorts. Nothing leaves it that was not made of noisy numbers. */
export const createAggregatesSubgraph = (options: AggregatesOptions): Subgraph => ({
  sdl: readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'),
  resolvers: {
    Query: {
      cohortMetrics: (_, _args, { grant }: SubgraphContext) =>
        metricTerms(options.aggregates, { ...options, purpose: grant?.purpose ?? null }),
      cohortMetric: (_, args: MetricArguments, context: SubgraphContext) =>
        answered(options, context, args, {
          asked: (metric) => scalarAsked(metric, args.statistic ?? null),
          shown: ({ shown, isSmall }) => (isSmall ? { value: null, interval: null } : valued(shown)),
          none: { value: null, interval: null },
        }),
      cohortHistogram: (_, args: HistogramArguments, context: SubgraphContext) =>
        answered(options, context, args, {
          asked: (metric) => histogramAsked(metric, args.by ?? null),
          shown: ({ shown }, { metric }) => ({ cells: cellsShown(metric, args.by ?? null, shown) }),
          none: { cells: [] },
        }),
      cohortQuantiles: (_, args: QuantileArguments, context: SubgraphContext) =>
        answered(options, context, args, {
          asked: (metric) => quantilesAsked(metric, args.quantiles),
          shown: ({ shown, isSmall }, { metric }) => ({
            quantiles: isSmall ? [] : quantilesShown(metric, args.quantiles, shown),
          }),
          none: { quantiles: [] },
        }),
    },
    CohortRelease: {
      __resolveType: (release: object) =>
        'cells' in release ? 'CohortHistogram' : 'quantiles' in release ? 'CohortQuantiles' : 'CohortMetric',
    },
  },
})

interface QuestionArguments extends Omit<Question, 'epsilon'> {
  readonly epsilon?: number | null
}

interface MetricArguments extends QuestionArguments {
  readonly statistic?: Uppercase<Statistic> | null
}

interface HistogramArguments extends QuestionArguments {
  readonly by?: string | null
}

interface QuantileArguments extends QuestionArguments {
  readonly quantiles: readonly number[]
}

interface Answering<Shown> {
  readonly asked: (metric: Metric) => Asked<Shown>
  readonly shown: (released: Released<Shown>, question: ReadQuestion) => object
  /** What stands there when it is refused. */
  readonly none: object
}

async function answered<Shown>(
  options: AggregatesOptions,
  { grant, clock }: SubgraphContext,
  args: QuestionArguments,
  { asked, shown, none }: Answering<Shown>,
): Promise<object> {
  const purpose = grant?.purpose ?? null
  const { aggregates, ledger } = options
  try {
    const question = readQuestion({ ...args, epsilon: args.epsilon ?? null }, aggregates, {
      purpose,
      now: clock(),
    })
    const released = await askCohort(question, asked(question.metric), options)
    const terms = await termsOfRelease(question, released, { ledger, now: clock() })
    return { ...terms, ...shown(released, question) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const budget = aggregates.metrics.get(args.metric)?.purposes.has(purpose ?? '')
      ? aggregates.budgets.get(purpose ?? '')
      : undefined
    return { ...(await refusedRelease(error.refusal, budget, { ledger, now: clock() })), ...none }
  }
}

function scalarAsked(metric: Metric, asked: Uppercase<Statistic> | null): Asked<Estimate> {
  const statistic = metric.statistics.find((name) => asked === null || name.toUpperCase() === asked)
  if (statistic === undefined) throw refused('STATISTIC_UNKNOWN', 'statistic')
  return { name: statistic, cells: NO_CELLS, kind: scalarKind(metric, statistic) }
}

function histogramAsked(metric: Metric, by: string | null): Asked<readonly Estimate[]> {
  const cells = cellsBy(metric, by)
  return { name: `histogram ${by ?? ''}`, cells, kind: histogramKind(metric, cells.names.length) }
}

/** The release is the whole tree, so which quantiles are read off it is not part of what is asked. */
function quantilesAsked(metric: Metric, quantiles: readonly number[]): Asked<readonly Estimate[]> {
  const { value, quantiles: cells } = metric
  if (value === null || cells === null) throw refused('STATISTIC_UNKNOWN', 'cohortQuantiles')
  if (quantiles.length === 0 || quantiles.length > 20 || !quantiles.every((q) => q > 0 && q < 1))
    throw refused('QUANTILES_INVALID', 'quantiles')
  return {
    name: 'quantiles',
    cells: cellsOfWidth(value, cells),
    kind: quantileKind(metric, cells, quantiles),
  }
}

const valued = ({ value, low, high }: Estimate) => ({
  value,
  interval: { low, high, confidence: CONFIDENCE },
})

/** Each cell is an audience of its own. */
const cellsShown = (metric: Metric, by: string | null, shown: readonly Estimate[]): readonly object[] =>
  cellsBy(metric, by).names.map(({ value: dimensionValue, from, to }, index) => {
    const estimate = shown[index]
    const isShown = estimate !== undefined && estimate.value >= metric.suppressBelow
    const number = isShown ? valued(estimate) : { value: null, interval: null }
    return { dimensionValue, from, to, suppressed: !isShown, ...number }
  })

function quantilesShown(
  { value, quantiles: cells }: Metric,
  quantiles: readonly number[],
  shown: readonly Estimate[],
): readonly object[] {
  if (value === null || cells === null) return []
  const { lower, upper, grid } = value
  const at = (place: number): number => (lower + ((upper - lower) * place) / cells) * grid
  return shown.map(({ value: cell, low, high }, index) => ({
    quantile: quantiles[index],
    value: at(cell + 0.5),
    interval: { low: at(low), high: at(high + 1), confidence: CONFIDENCE },
  }))
}
