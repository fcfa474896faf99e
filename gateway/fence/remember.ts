import type { Lookup } from '../plan/query-plan.ts'
import { switchesIn } from './conditions.ts'

type Variables = Readonly<Record<string, unknown>>

/**
 * What is worked out from a lookup depends on the plan, the granted set and the switches of the request alone, never on
 * people: it is made once a plan. The results are shared, so their identity can key further work (printed text).
 */
export const remember = <Made>(
  lookup: Lookup,
  variables: Variables,
  key: readonly unknown[],
  make: () => Made,
): Made => {
  const memory = memories.get(lookup) ?? {
    switches: switchesIn(lookup.selection.selections),
    made: new Map(),
  }
  memories.set(lookup, memory)
  const full = JSON.stringify([key, memory.switches.map((name) => variables[name] === true)])
  const known = memory.made.get(full)
  if (known !== undefined) return known.value as Made
  if (memory.made.size >= MOST) memory.made.clear()
  const value = make()
  memory.made.set(full, { value })
  return value
}

interface Memory {
  /** Variables that `@skip` and `@include` look at. */
  readonly switches: readonly string[]
  readonly made: Map<string, { readonly value: unknown }>
}

const memories = new WeakMap<Lookup, Memory>()

/** Granted sets are few in practice and many in theory (2^scopes): bounded. */
const MOST = 1_000
