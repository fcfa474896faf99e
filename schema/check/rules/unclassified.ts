import { namedType } from '../../supergraph.ts'
import type { Check, CheckContext } from '../check-context.ts'
import type { Declared } from '../declarations.ts'
import { looksPersonal } from '../looks-personal.ts'
import { at, contractAt, typeOf } from '../places.ts'
import { publicFields } from '../seen-by.ts'
import type { Side } from '../side.ts'

/**
 * What looks like personal data and of which nobody has said what it is, is taken for personal (GDPR Art. 25: by default).
 * Told of what a change brings; with `all`, of everything.
 */
export const unclassified: Check = (context) =>
  [...context.head.declared].flatMap(([coordinate, places]) => {
    const why = whyOf(context.head, coordinate, places)
    if (why === null || (!context.all && wasThere(context, coordinate, why))) return []
    return [
      { ...at(context, coordinate), code: 'PERSONAL_UNCLASSIFIED', detail: `It looks so because ${why}.` },
    ]
  })

/** What clients did not see (`@inaccessible`) and see now is new to them. */
const wasThere = ({ base, head }: CheckContext, coordinate: string, why: string): boolean => {
  const before = base.declared.get(coordinate)
  const isShown = isPublic(head, coordinate) && !isPublic(base, coordinate)
  return before !== undefined && !isShown && whyOf(base, coordinate, before) === why
}

const isPublic = ({ graph }: Side, coordinate: string): boolean =>
  graph === null || publicFields(graph).has(coordinate)

const whyOf = (side: Side, coordinate: string, places: readonly Declared[]): string | null => {
  const [first] = places
  if (first?.kind !== 'field' || first.type === null || isSpokenFor(side, coordinate)) return null
  const type = typeOf(coordinate)
  if (isRoot(side, type)) return null
  const named = namedType(first.type)
  // What leads to an object says nothing by itself; its fields are looked at.
  if (
    side.declared
      .get(named)
      ?.some(({ contract, directives }) => contract !== null || isProtecting(directives))
  )
    return null
  if (isComposite(side, named)) return null
  return looksPersonal({
    type,
    field: coordinate.slice(type.length + 1),
    named,
    description: places.map(({ description }) => description).join('\n'),
    isPersons: side.graph?.protection.subjects.has(type) ?? false,
  })
}

const isSpokenFor = (side: Side, coordinate: string): boolean =>
  (side.graph?.protection.protections.has(coordinate) ?? false) ||
  isProtecting(side.declared.get(coordinate)?.flatMap(({ directives }) => directives) ?? []) ||
  (contractAt(side, coordinate)?.classification ?? null) !== null

const isProtecting = (directives: Declared['directives']): boolean =>
  directives.some(({ name }) => name.value === 'requiresScope')

const isRoot = ({ graph }: Side, type: string): boolean =>
  [...(graph?.supergraph.roots.values() ?? [])].includes(type)

const isComposite = ({ graph }: Side, named: string): boolean => {
  const kind = graph?.supergraph.types.get(named)?.kind
  return kind !== undefined && kind !== 'other'
}
