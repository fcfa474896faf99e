import type { EventErrorCode } from '../event-error-catalogue.ts'

/** Where in the flow something failed. */
export type Stage = 'read' | 'contract' | 'consent' | 'pseudonymise' | 'store'

/** Why an event was not stored: a code, and a place in the event; never a value. */
export interface Fault {
  readonly code: EventErrorCode
  readonly stage: Stage
  /** `data.basket[0].sku`, `occurredAt`; null when the code says it all. */
  readonly place: string | null
}

/** What goes on, or why it does not. */
export type Step<T> =
  { readonly isFault: false; readonly value: T } | { readonly isFault: true; readonly fault: Fault }

/** What passed goes through the next stage; what failed stays as it is. */
export const onward = <A, B>(steps: readonly Step<A>[], next: (value: A) => Step<B>): Step<B>[] =>
  steps.map((step) => (step.isFault ? step : next(step.value)))

export const valuesOf = <T>(steps: readonly Step<T>[]): readonly T[] =>
  steps.flatMap((step) => (step.isFault ? [] : [step.value]))

export const passed = <T>(value: T): Step<T> => ({ isFault: false, value })

export const fault = (code: EventErrorCode, stage: Stage, place: string | null = null): Step<never> => ({
  isFault: true,
  fault: { code, stage, place },
})
