import { deprecationsAfter, refuseOpenWindows } from './deprecation-windows.ts'
import { fieldsOf } from './deprecated-fields.ts'
import type { RegistryTurn } from './registry-store.ts'
import type { Version } from './version.ts'

interface Windows {
  readonly base: Version | null
  readonly version: Version
  readonly terms: { readonly now: number; readonly deprecationDays: number }
}

/** What a version takes away has had its window, and what it deprecates gets one. Throws `REGISTRY_WINDOW_OPEN`. */
export const keepWindows = async (
  turn: RegistryTurn,
  tag: string,
  { base, version, terms }: Windows,
): Promise<void> => {
  const fields = fieldsOf(version.supergraph)
  const known = await turn.deprecations(tag)
  refuseOpenWindows({ known, uses: await turn.uses(tag), fields, now: terms.now })
  const before = base === null ? new Set<string>() : fieldsOf(base.supergraph).all
  const fresh = deprecationsAfter({ known, fields, before, ...terms })
  const gone = known.filter(({ coordinate }) => !fields.deprecated.has(coordinate))
  await turn.deprecate(
    tag,
    fresh,
    gone.map(({ coordinate }) => coordinate),
  )
  if (fresh.length > 0)
    await turn.tell({
      type: 'registry.deprecated.v1',
      tag,
      at: new Date(terms.now).toISOString(),
      fields: fresh,
    })
}
