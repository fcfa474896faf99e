import { type ConstDirectiveNode, Kind } from 'graphql'
import type { Side } from './side.ts'

/** The day in the reason of `@deprecated`, `… until 2027-01-31`: from then on it may be gone. Null without one. */
export const announcedDay = (side: Side, coordinate: string): string | null => {
  const days = (side.declared.get(coordinate) ?? []).flatMap(({ directives }) =>
    directives.flatMap((one) => dayIn(one) ?? []),
  )
  // Where subgraphs differ, the latest was promised.
  return days.toSorted().at(-1) ?? null
}

export const isDeprecated = (side: Side, coordinate: string): boolean =>
  (side.declared.get(coordinate) ?? []).some(({ directives }) =>
    directives.some(({ name }) => name.value === 'deprecated'),
  )

const dayIn = (directive: ConstDirectiveNode): string | null => {
  const reason = directive.name.value === 'deprecated' ? directive.arguments?.[0]?.value : undefined
  if (reason?.kind !== Kind.STRING) return null
  return /\b\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])\b/.exec(reason.value)?.[0] ?? null
}
