/** How long a change of consent takes to be seen, by the way it takes. */
export type ProbePath = 'withdrawal_effective' | 'answer_withheld' | 'grant_shown' | `${ConsumerKind}_told`

/** How consumers of changes are told: each is a way of its own. */
export type ConsumerKind = 'pull' | 'webhook' | 'nats'

/** Paths that a person waits for; the others may take as long as the service level agreement says. */
export const ONLINE: ReadonlySet<ProbePath> = new Set([
  'withdrawal_effective',
  'answer_withheld',
  'grant_shown',
])

export interface ProbeFigures {
  took(path: ProbePath, ms: number): void
  /** A value was shown in answer to a request that began when its withdrawal was in force. */
  stale(): void
  readonly staleReads: number
  /** A round that did not come to its end. */
  failed(): void
  readonly failures: number
  rows(): readonly ProbeRow[]
  /** In the text format of Prometheus. */
  text(): string
}

export interface ProbeRow {
  readonly path: ProbePath
  readonly count: number
  readonly p50: number
  readonly p99: number
}

/** The longest known go first. */
const MOST_KEPT = 10_000

export const createProbeFigures = (): ProbeFigures => {
  const taken = new Map<ProbePath, { count: number; sum: number; readonly last: number[] }>()
  let staleReads = 0
  let failures = 0
  const rows = (): ProbeRow[] =>
    [...taken].map(([path, { count, last }]) => {
      const sorted = last.toSorted((one, other) => one - other)
      return { path, count, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
    })
  return {
    took(path, ms) {
      const known = taken.get(path) ?? { count: 0, sum: 0, last: [] }
      taken.set(path, known)
      known.count += 1
      known.sum += ms
      known.last.push(ms)
      if (known.last.length > MOST_KEPT) known.last.shift()
    },
    stale: () => void (staleReads += 1),
    get staleReads() {
      return staleReads
    },
    failed: () => void (failures += 1),
    get failures() {
      return failures
    },
    rows,
    text: () =>
      [
        '# HELP assent_consent_propagation_ms Milliseconds until a change of consent was seen, by the way it took.',
        '# TYPE assent_consent_propagation_ms summary',
        ...rows().flatMap(({ path, count, p50, p99 }) => [
          `assent_consent_propagation_ms{path="${path}",quantile="0.5"} ${p50}`,
          `assent_consent_propagation_ms{path="${path}",quantile="0.99"} ${p99}`,
          `assent_consent_propagation_ms_sum{path="${path}"} ${taken.get(path)?.sum ?? 0}`,
          `assent_consent_propagation_ms_count{path="${path}"} ${count}`,
        ]),
        '# HELP assent_consent_stale_reads_total Values shown although their withdrawal was in force.',
        '# TYPE assent_consent_stale_reads_total counter',
        `assent_consent_stale_reads_total ${staleReads}`,
        '# HELP assent_consent_probe_failures_total Rounds of the probe that did not come to their end.',
        '# TYPE assent_consent_probe_failures_total counter',
        `assent_consent_probe_failures_total ${failures}`,
        '',
      ].join('\n'),
  }
}

/** The nearest rank: of a few the largest, never something between two that nobody measured. */
const quantile = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) * 10) / 10
