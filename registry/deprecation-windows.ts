import type { fieldsOf } from './deprecated-fields.ts'
import { RegistryError } from './registry-error.ts'
import type { Deprecation, Use } from './registry-store.ts'

type Fields = ReturnType<typeof fieldsOf>

interface Removing {
  readonly known: readonly Deprecation[]
  readonly uses: readonly Use[]
  readonly fields: Fields
  readonly now: number
}

const DAY = 86_400_000

/**
 * What is deprecated may be removed when its window is over, or when no client has used it since it was deprecated. Throws
 * `REGISTRY_WINDOW_OPEN` with every field and who uses it.
 */
export const refuseOpenWindows = ({ known, uses, fields, now }: Removing): void => {
  const open = known.flatMap(({ coordinate, since, until }) => {
    if (fields.all.has(coordinate) || Date.parse(until) <= now) return []
    const users = uses.filter((use) => use.coordinate === coordinate && use.last >= since.slice(0, 10))
    return users.length === 0 ? [] : [{ coordinate, until, clients: users.map(({ client }) => client) }]
  })
  if (open.length > 0)
    throw new RegistryError('REGISTRY_WINDOW_OPEN', open.map(({ coordinate }) => coordinate).join(', '), {
      open,
    })
}

interface Deprecating {
  readonly known: readonly Deprecation[]
  readonly fields: Fields
  /** Fields that were there: one that comes deprecated into the world has nobody to wait for. */
  readonly before: ReadonlySet<string>
  readonly now: number
  readonly deprecationDays: number
}

export const deprecationsAfter = ({
  known,
  fields,
  before,
  now,
  deprecationDays,
}: Deprecating): readonly Deprecation[] => {
  const kept = new Set(known.map(({ coordinate }) => coordinate))
  return [...fields.deprecated]
    .filter(([coordinate]) => before.has(coordinate) && !kept.has(coordinate))
    .map(([coordinate, reason]) => ({
      coordinate,
      reason,
      since: new Date(now).toISOString(),
      until: new Date(now + deprecationDays * DAY).toISOString(),
    }))
}
