import type { Asked } from './world.ts'

/** Every canary anywhere in a value, as `person:field`, each once, in alphabetical order. */
export const canariesIn = (value: unknown): string[] =>
  [
    ...new Set(
      [...(JSON.stringify(value) ?? '').matchAll(/canary:(\w+:\w+)/g)].map(([, name]) => name ?? ''),
    ),
  ].toSorted()

/**
 * "No leak" means: neither in the answer nor in any request or response of any subgraph.
 * Returns the canaries that are somewhere without being in `granted`; nothing has leaked when there are none.
 */
export const leaked = (asked: Asked, granted: readonly string[]): string[] => {
  const { data, errors, extensions, sent, records } = asked
  const told = (errors ?? []).map((error) => ({ ...error.toJSON(), stack: error.stack }))
  return canariesIn({ data, told, extensions, sent, records }).filter((name) => !granted.includes(name))
}
