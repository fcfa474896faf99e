import { describe, expect, test } from 'vitest'
import type { CohortRead } from '../../subgraphs/aggregates/cohort-events.ts'
import { createMemoryPeople } from '../../subgraphs/aggregates/people/memory-people.ts'
import {
  aggregatesOf,
  crowd,
  DAY,
  MIDNIGHT,
  NOON,
  openCohortDesk,
  session,
  SESSIONS,
  WINDOW,
} from '../support/cohorts/cohort-desk.ts'

const TERMS =
  'refused { code place } suppressed mechanism epsilon delta rho snapshot budgetLeft { days epsilon spent left }'

describe('a number about a cohort', () => {
  test('comes with its noise, its interval, what it gave away and what is left', async () => {
    const { ask } = openCohortDesk({ kept: crowd(300) })
    const { data, errors } = await ask(
      `{ cohortMetric(metric: "sessions", ${WINDOW}) { value interval { low high confidence } ${TERMS} } }`,
    )
    expect(errors).toBeUndefined()
    const { value, interval, ...terms } = data.cohortMetric
    expect(Number.isSafeInteger(value)).toBe(true)
    expect(interval).toEqual({ low: expect.any(Number), high: expect.any(Number), confidence: 0.95 })
    expect(interval.low).toBeLessThanOrEqual(300)
    expect(interval.high).toBeGreaterThanOrEqual(300)
    expect(terms).toEqual({
      refused: null,
      suppressed: false,
      mechanism: 'discrete-laplace',
      epsilon: 1,
      delta: 0,
      rho: 0.5,
      snapshot: '2026-05-10T00:00:00.000Z',
      budgetLeft: [
        { days: null, epsilon: 20, spent: 1, left: 19 },
        { days: 1, epsilon: 4, spent: 1, left: 3 },
      ],
    })
  })

  test.each([
    ['PEOPLE', 1000],
    ['COUNT', 2000],
    ['SUM', 2000 * 40],
    ['MEAN', 40],
  ])('%s is close to what it is', async (statistic, truth) => {
    const kept = Array.from({ length: 1000 }, (_, index) =>
      [1, 2].map(() => session(`p${index}`, { seconds: 40 })),
    )
    const { ask } = openCohortDesk({ kept: kept.flat() })
    const { data } = await ask(
      `{ cohortMetric(metric: "sessions", statistic: ${statistic}, ${WINDOW}) { value interval { low high } } }`,
    )
    const { value, interval } = data.cohortMetric
    expect(Math.abs(value - truth)).toBeLessThan(truth * 0.05)
    expect(interval.low).toBeLessThanOrEqual(truth)
    expect(interval.high).toBeGreaterThanOrEqual(truth)
  })

  test('quantiles and a histogram do, too', async () => {
    const kept = Array.from({ length: 2000 }, (_, index) => session(`p${index}`, { seconds: index % 100 }))
    const { ask } = openCohortDesk({ kept })
    const { data } = await ask(`{
      cohortQuantiles(metric: "sessions", quantiles: [0.25, 0.5, 0.9], epsilon: 2, ${WINDOW}) {
        quantiles { quantile value interval { low high confidence } } ${TERMS} }
      cohortHistogram(metric: "sessions", ${WINDOW}) { cells { dimensionValue from to value suppressed } }
    }`)
    for (const { quantile, value, interval } of data.cohortQuantiles.quantiles) {
      expect(Math.abs(value - 100 * quantile)).toBeLessThan(6)
      expect(interval.low).toBeLessThanOrEqual(100 * quantile)
      expect(interval.high).toBeGreaterThanOrEqual(100 * quantile)
    }
    expect(
      data.cohortHistogram.cells.map(({ from, to }: { from: number; to: number }) => [from, to]),
    ).toEqual([
      [0, 10],
      [10, 50],
      [50, 100],
    ])
    const [low, middle, high] = data.cohortHistogram.cells.map(({ value }: { value: number }) => value)
    expect(Math.abs(low - 200)).toBeLessThan(30)
    expect(Math.abs(middle - 800)).toBeLessThan(30)
    expect(Math.abs(high - 1000)).toBeLessThan(30)
  })

  test('of Gaussian noise it says δ and ρ', async () => {
    const { ask } = openCohortDesk({
      kept: crowd(300),
      aggregates: aggregatesOf(SESSIONS.replace('cells: 2', 'cells: 2\nmechanism: discrete-gaussian')),
    })
    const { data } = await ask(`{ cohortHistogram(metric: "sessions", by: "channel", ${WINDOW}) {
      cells { dimensionValue value suppressed } ${TERMS} } }`)
    const { cells, ...terms } = data.cohortHistogram
    expect(cells.map(({ dimensionValue }: { dimensionValue: string }) => dimensionValue)).toEqual([
      'web',
      'app',
      'shop',
    ])
    expect(cells.map(({ suppressed }: { suppressed: boolean }) => suppressed)).toEqual([false, true, true])
    expect(terms).toMatchObject({ mechanism: 'discrete-gaussian', epsilon: 1, delta: 1e-6 })
    expect(terms.rho).toBeGreaterThan(0.02)
    // What the ledger adds up is never above what was asked for, and close to it.
    expect(terms.budgetLeft[0].spent).toBeLessThanOrEqual(1.001)
    expect(terms.budgetLeft[0].spent).toBeGreaterThan(0.9)
  })

  test('small audiences are not shown, and neither is how small they are', async () => {
    for (const size of [0, 1, 3]) {
      const { ask } = openCohortDesk({ kept: crowd(size), seed: 5 })
      // oxlint-disable-next-line no-await-in-loop -- one cohort after the other
      const { data } = await ask(`{
        cohortMetric(metric: "sessions", epsilon: 2, ${WINDOW}) { value interval { low } refused { code } suppressed }
        cohortQuantiles(metric: "sessions", quantiles: [0.5], epsilon: 1, ${WINDOW}) { quantiles { value } suppressed }
        cohortHistogram(metric: "sessions", epsilon: 1, ${WINDOW}) { cells { value interval { low } suppressed } suppressed } }`)
      const nothing = { value: null, interval: null, suppressed: true }
      expect(data).toEqual({
        cohortMetric: { ...nothing, refused: null },
        cohortQuantiles: { quantiles: [], suppressed: true },
        cohortHistogram: { cells: [nothing, nothing, nothing], suppressed: true },
      })
    }
  })

  test('asked for nobody, a mean is nothing and no error', async () => {
    const { ask } = openCohortDesk()
    const { data, errors } = await ask(
      `{ cohortMetric(metric: "sessions", statistic: MEAN, ${WINDOW}) { value suppressed } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.cohortMetric).toEqual({ value: null, suppressed: true })
  })
})

describe('who is counted', () => {
  const people = async (kept: Parameters<typeof openCohortDesk>[0], cohort = ''): Promise<number> => {
    const { ask } = openCohortDesk(kept)
    const { data } = await ask(
      `{ cohortMetric(metric: "sessions", statistic: PEOPLE, epsilon: 2, ${WINDOW} ${cohort}) { value } }`,
    )
    return data.cohortMetric.value as number
  }

  test('people in the cohort, the window and the snapshot, by the scope of the metric', async () => {
    const late = crowd(500).map((event) => ({ ...event, receivedAt: MIDNIGHT }))
    const early = crowd(500).map((event) => ({ ...event, occurredAt: Date.UTC(2026, 3, 30) }))
    const other = crowd(500).map((event) => ({ ...event, scope: 'personalization' }))
    const contract = crowd(500).map((event) => ({ ...event, scope: null }))
    expect(Math.abs((await people({ kept: crowd(500) })) - 500)).toBeLessThan(15)
    for (const kept of [late, early, other, contract]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await people({ kept: [...kept, ...crowd(100)] })).toBeLessThan(115)
    }
    expect(
      Math.abs(
        (await people(
          {
            kept: [
              ...crowd(300, { channel: 'app' }),
              ...crowd(200).map((event) => ({ ...event, pid: `q${event.pid}` })),
            ],
          },
          'cohort: [{ dimension: "channel", in: ["app", "shop"] }]',
        )) - 300,
      ),
    ).toBeLessThan(15)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '12', null, undefined])(
    'a value of %s counts for nothing',
    async (seconds) => {
      const kept = [
        ...crowd(100),
        ...crowd(400, { seconds }).map((event) => ({ ...event, pid: `q${event.pid}` })),
      ]
      expect(await people({ kept })).toBeLessThan(115)
    },
  )

  test('two pids that are one person’s count once, and twice again when they are told apart', async () => {
    const twins = [
      ...crowd(300),
      ...crowd(300).map((event) => ({ ...event, pid: `q${event.pid}`, eventId: `q${event.eventId}` })),
    ]
    const merged = createMemoryPeople()
    const pairs = crowd(300).map(({ pid }) => [`q${pid}`, pid] as const)
    await merged.write(new Map(pairs), '1')
    expect(Math.abs((await people({ kept: twins, people: merged })) - 300)).toBeLessThan(15)
    await merged.write(new Map(pairs.map(([pid]) => [pid, pid])), '2')
    expect(Math.abs((await people({ kept: twins, people: merged })) - 600)).toBeLessThan(15)
  })

  test('the same event under an elder and a newer pid of one person is one event', async () => {
    const copies = crowd(300).flatMap((event) => [event, { ...event, pid: `new-${event.pid}` }])
    const renamed = createMemoryPeople()
    await renamed.copyPids(crowd(300).map(({ pid }) => ({ from: pid, to: `new-${pid}` })))
    const { ask } = openCohortDesk({ kept: copies, people: renamed })
    const { data } = await ask(`{ cohortMetric(metric: "sessions", epsilon: 2, ${WINDOW}) { value } }`)
    expect(Math.abs(data.cohortMetric.value - 300)).toBeLessThan(25)
  })
})

describe('the store of events is asked', () => {
  test('for the window up to the snapshot, whatever the cohort is', async () => {
    const asked: CohortRead[] = []
    const events = { ofType: async (read: CohortRead) => (asked.push(read), []) }
    const { ask } = openCohortDesk({ events })
    for (const cohort of ['', 'cohort: [{ dimension: "channel", in: ["shop"] }]'])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask(`{ cohortMetric(metric: "sessions", ${WINDOW} ${cohort}) { value } }`)
    const read = { type: 'session', from: Date.UTC(2026, 4, 1), to: MIDNIGHT, receivedBefore: MIDNIGHT }
    expect(asked).toEqual([read, read])
  })

  test('once for the same question of the same snapshot, and anew for the next one', async () => {
    let reads = 0
    let now = NOON
    const events = { ofType: async () => ((reads += 1), []) }
    const { ask } = openCohortDesk({ events, clock: () => now })
    const same = [
      `cohort: [{ dimension: "channel", in: ["app", "web"] }], from: "2026-05-01T00:00:00Z", to: "2026-06-01T00:00:00Z"`,
      `from: "2026-05-01T00:00Z", to: "2026-05-31T00:00:00.000Z", cohort: [{ dimension: "channel", in: ["web", "app", "web"] }], epsilon: 1`,
    ]
    for (const terms of [...same, ...same])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await ask(`{ cohortMetric(metric: "sessions", ${terms}) { suppressed } }`)).data).not.toBeNull()
    expect(reads).toBe(1)
    now += DAY
    await ask(`{ cohortMetric(metric: "sessions", ${same[0]}) { suppressed } }`)
    expect(reads).toBe(2)
  })

  test('other quantiles of the same release are read off it', async () => {
    let reads = 0
    const { ask } = openCohortDesk({ events: { ofType: async () => ((reads += 1), []) } })
    for (const quantiles of ['[0.5]', '[0.1, 0.9]'])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask(`{ cohortQuantiles(metric: "sessions", quantiles: ${quantiles}, ${WINDOW}) { suppressed } }`)
    expect(reads).toBe(1)
  })
})

describe('what cannot be asked is refused before anything is read, with a code and a remedy', () => {
  const refusal = async (query: string, as = {}) => {
    const events = {
      ofType: async () => {
        throw new Error('read')
      },
    }
    const { ask } = openCohortDesk({ events })
    const { data, errors } = await ask(query, as)
    expect(errors).toBeUndefined()
    const [answer] = Object.values(data as object)
    return answer.refused as { code: string; place: string; remedy: string }
  }
  const R = 'refused { code message place remedy }'

  test.each([
    ['METRIC_UNKNOWN', `cohortMetric(metric: "purchases", ${WINDOW}) { value ${R} }`],
    [
      'DIMENSION_UNKNOWN',
      `cohortMetric(metric: "sessions", cohort: [{ dimension: "pid", in: ["ada"] }], ${WINDOW}) { value ${R} }`,
    ],
    [
      'DIMENSION_UNKNOWN',
      `cohortMetric(metric: "sessions", cohort: [{ dimension: "__proto__", in: ["ada"] }], ${WINDOW}) { value ${R} }`,
    ],
    [
      'DIMENSION_UNKNOWN',
      `cohortHistogram(metric: "sessions", by: "seconds", ${WINDOW}) { cells { value } ${R} }`,
    ],
    [
      'DIMENSION_VALUE_UNKNOWN',
      `cohortMetric(metric: "sessions", cohort: [{ dimension: "channel", in: ["fax"] }], ${WINDOW}) { value ${R} }`,
    ],
    [
      'DIMENSION_VALUE_UNKNOWN',
      `cohortMetric(metric: "sessions", cohort: [{ dimension: "channel", in: [] }], ${WINDOW}) { value ${R} }`,
    ],
    [
      'COHORT_WINDOW_INVALID',
      `cohortMetric(metric: "sessions", from: "yesterday", to: "2026-05-02T00:00:00Z") { value ${R} }`,
    ],
    [
      'COHORT_WINDOW_INVALID',
      `cohortMetric(metric: "sessions", from: "2026-05-03T00:00:00Z", to: "2026-05-02T00:00:00Z") { value ${R} }`,
    ],
    [
      'COHORT_WINDOW_INVALID',
      `cohortMetric(metric: "sessions", from: "2026-05-10T08:00:00Z", to: "2026-05-10T09:00:00Z") { value ${R} }`,
    ],
    ['EPSILON_INVALID', `cohortMetric(metric: "sessions", epsilon: 0, ${WINDOW}) { value ${R} }`],
    ['EPSILON_INVALID', `cohortMetric(metric: "sessions", epsilon: -1, ${WINDOW}) { value ${R} }`],
    ['EPSILON_INVALID', `cohortMetric(metric: "sessions", epsilon: 2.001, ${WINDOW}) { value ${R} }`],
    ['EPSILON_INVALID', `cohortMetric(metric: "sessions", epsilon: 0.0004, ${WINDOW}) { value ${R} }`],
    ['EPSILON_INVALID', `cohortMetric(metric: "sessions", epsilon: 0.0015, ${WINDOW}) { value ${R} }`],
    ['EPSILON_INVALID', `cohortMetric(metric: "sessions", epsilon: 1e308, ${WINDOW}) { value ${R} }`],
    [
      'QUANTILES_INVALID',
      `cohortQuantiles(metric: "sessions", quantiles: [], ${WINDOW}) { quantiles { value } ${R} }`,
    ],
    [
      'QUANTILES_INVALID',
      `cohortQuantiles(metric: "sessions", quantiles: [0.5, 1], ${WINDOW}) { quantiles { value } ${R} }`,
    ],
  ])('%s: %s', async (code, query) => {
    const refused = await refusal(`{ ${query} }`)
    expect(refused.code).toBe(code)
    expect(refused.remedy).not.toBe('')
    expect(JSON.stringify(refused)).not.toContain('ada')
  })

  test('what the metric is not declared for', async () => {
    const { ask } = openCohortDesk({
      aggregates: aggregatesOf(
        SESSIONS.replace('[count, people, sum, mean]', '[people]')
          .replace('quantiles: 100', '')
          .replace(', edges: [0, 10, 50, 100]', ''),
      ),
    })
    const { data } = await ask(`{
      a: cohortMetric(metric: "sessions", statistic: MEAN, ${WINDOW}) { refused { code } }
      b: cohortQuantiles(metric: "sessions", quantiles: [0.5], ${WINDOW}) { refused { code } }
      c: cohortHistogram(metric: "sessions", ${WINDOW}) { refused { code } } }`)
    const refused = { refused: { code: 'STATISTIC_UNKNOWN' } }
    expect(data).toEqual({ a: refused, b: refused, c: refused })
  })

  test.each([['personalization'], ['marketing'], [null]])(
    'for the purpose %s nobody is told anything',
    async (purpose) => {
      const { code, place } = await refusal(
        `{ cohortMetric(metric: "sessions", ${WINDOW}) { value ${R} budgetLeft { left } } }`,
        { purpose },
      )
      expect([code, place]).toEqual(['PURPOSE_NOT_ALLOWED', '`analytics`'])
      const { ask } = openCohortDesk()
      expect((await ask('{ cohortMetrics { metric } }', { purpose })).data).toEqual({ cohortMetrics: [] })
    },
  )

  test('numbers that are none do not get past the schema', async () => {
    const { ask } = openCohortDesk()
    const query = `query ($epsilon: Float) { cohortMetric(metric: "sessions", epsilon: $epsilon, ${WINDOW}) { value } }`
    for (const epsilon of [Number.NaN, Number.POSITIVE_INFINITY])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await ask(query, { variables: { epsilon } })).errors).toHaveLength(1)
  })

  test('when it is not known who is one person', async () => {
    const { ask, ports } = openCohortDesk({
      catchUp: async () => {
        throw new Error('away')
      },
    })
    const { data } = await ask(`{ cohortMetric(metric: "sessions", ${WINDOW}) { value refused { code } } }`)
    expect(data.cohortMetric).toEqual({ value: null, refused: { code: 'AGGREGATES_NOT_CURRENT' } })
    const [budget] = aggregatesOf().budgets.values()
    expect((await ports.ledger.left(budget!, NOON))[0]?.spent).toBe(0)
  })
})

test('what may be asked is told, with what is left', async () => {
  const { ask } = openCohortDesk()
  const { data } =
    await ask(`{ cohortMetrics { metric statistics scope contributions cells mechanism defaultEpsilon mostEpsilon
    suppressBelow value { unit lower upper } dimensions { dimension values } budgetLeft { days left } } }`)
  expect(data.cohortMetrics).toEqual([
    {
      metric: 'sessions',
      statistics: ['COUNT', 'PEOPLE', 'SUM', 'MEAN'],
      scope: 'analytics',
      contributions: 2,
      cells: 2,
      mechanism: 'discrete-laplace',
      defaultEpsilon: 1,
      mostEpsilon: 2,
      suppressBelow: 10,
      value: { unit: 'seconds', lower: 0, upper: 100 },
      dimensions: [{ dimension: 'channel', values: ['web', 'app', 'shop'] }],
      budgetLeft: [
        { days: null, left: 20 },
        { days: 1, left: 4 },
      ],
    },
  ])
})
