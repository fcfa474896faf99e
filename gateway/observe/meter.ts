import type { METRICS, MetricKey } from './catalogue.ts'

export type Labels<Key extends MetricKey> = Readonly<Record<(typeof METRICS)[Key]['labels'][number], string>>

/** Where measurements go. Adding is counting up, observing and setting what it is called in the catalogue. */
export interface Meter {
  add<Key extends MetricKey>(metric: Key, labels: Labels<Key>, by?: number): void
  observe<Key extends MetricKey>(metric: Key, labels: Labels<Key>, value: number): void
}
