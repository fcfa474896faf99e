const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

/** What the aggregates tell, as refusals within their answers: part of the catalogue beside this file. */
export const AGGREGATES_ERRORS = {
  METRIC_UNKNOWN: entry('There is no such metric.', 'Use a metric that `cohortMetrics` lists.'),
  STATISTIC_UNKNOWN: entry(
    'The metric is not declared to answer this.',
    'Ask for what `cohortMetrics` lists for the metric.',
  ),
  DIMENSION_UNKNOWN: entry(
    'A dimension of the cohort is not declared for the metric, or named twice.',
    'Use each dimension that `cohortMetrics` lists at most once.',
  ),
  DIMENSION_VALUE_UNKNOWN: entry(
    'A value is not one that the dimension is declared to have.',
    'Use one or more of the values that `cohortMetrics` lists for the dimension.',
  ),
  COHORT_WINDOW_INVALID: entry(
    'The time asked about cannot be read, is empty, or begins after the snapshot.',
    'Send `from` and `to` as `2026-05-01T00:00:00Z`, `from` before `to` and before the snapshot.',
  ),
  EPSILON_INVALID: entry(
    'The ε asked for is no number of thousandths that the metric allows.',
    'Send 0.001 to the most that `cohortMetrics` lists, in thousandths, or leave it out.',
  ),
  QUANTILES_INVALID: entry(
    'The quantiles asked for are not 1 to 20 numbers above 0 and below 1.',
    'Send for example `[0.25, 0.5, 0.75]`.',
  ),
  BUDGET_SPENT: entry(
    'More would be given away about people than the budget allows; nothing was read.',
    'Ask for a smaller ε, ask again what was answered before, or wait until the window has passed.',
  ),
  AGGREGATE_UNDER_WAY: entry(
    'The same is being answered at this moment.',
    'Ask again in a few seconds: the answer is kept.',
  ),
  AGGREGATES_INVALID: entry(
    'What may be asked about cohorts cannot be read as it is declared.',
    'Correct the named place of the file under `aggregates/`.',
  ),
  AGGREGATES_NOT_CURRENT: entry(
    'Whether consent still holds, or who is one person, is not known at this moment; nothing was read.',
    'Ask again a little later.',
  ),
} as const
