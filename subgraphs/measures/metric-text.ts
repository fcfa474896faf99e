/** One metric by its name, stable; its labels take few values, and none of them is anybody's. */
export interface MetricRow {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly sentence: string
}

export interface Sample {
  /** In the order of the labels of the row. */
  readonly labels: readonly string[]
  readonly value: number
  /** Of a histogram: `_bucket`, with its bound; `_sum`, `_count`. */
  readonly part?: { readonly suffix: string; readonly le?: string }
}

/** In the text format of Prometheus. */
export const metricText = (
  { name, kind, labels, sentence }: MetricRow,
  samples: readonly Sample[],
): string => {
  const lines = samples.map(({ labels: values, value, part }) => {
    const pairs = labels.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`)
    if (part?.le !== undefined) pairs.push(`le="${part.le}"`)
    const shown = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
    return `${name}${part?.suffix ?? ''}${shown} ${value}\n`
  })
  return `# HELP ${name} ${sentence}\n# TYPE ${name} ${kind}\n${lines.join('')}`
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
