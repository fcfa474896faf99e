import type { Lookup } from '../plan/query-plan.ts'

/**
 * What is worked out from a lookup depends on the plan and the granted set alone, never on people: it is made once a plan.
 * The results are shared, so their identity can key further work (printed text). The key is put together from names.
 */
export const remember = <Made>(lookup: Lookup, key: string, make: () => Made): Made => {
  const known = memories.get(lookup)
  const memory = known ?? new Map<string, { readonly value: unknown }>()
  if (known === undefined) memories.set(lookup, memory)
  const found = memory.get(key)
  if (found !== undefined) return found.value as Made
  if (memory.size >= MOST) memory.clear()
  const value = make()
  memory.set(key, { value })
  return value
}

const memories = new WeakMap<Lookup, Map<string, { readonly value: unknown }>>()

/** Granted sets are few in practice and many in theory (2^scopes): bounded. */
const MOST = 1_000
