import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { Protection } from '../../schema/protection.ts'
import { isInterfaceObject, isProtected, type World } from '../plan/world.ts'
import type { Denial } from './denial.ts'
import { selectionSet, TYPENAME } from '../plan/query-plan.ts'

type Scopes = ReadonlySet<string>

/** Who asks, as far as it decides what can never be got. */
export interface Stripping {
  readonly world: World
  readonly scopes: Scopes
  /** Fields of concrete types that this caller may not read, whoever they are about. */
  readonly denied: ReadonlySet<string>
  /** Whether clients of this view see a type. */
  readonly isShown: (type: string) => boolean
}

/**
 * Takes out, before planning, what this caller can never get: no plan, no person asked. A field that only some of the
 * possible types withhold from this caller is asked of the others alone.
 * What it leaves because another possible type may have the consent, the fence decides later by the same scopes.
 */
export const strip = (set: SelectionSetNode, type: string, stripping: Stripping): SelectionSetNode => {
  const kept = set.selections.flatMap((selection) => stripSelection(selection, type, stripping))
  const isWhole = kept.length === set.selections.length && kept.length > 0
  // Which type it was must be known, so that the answer can name the coordinate that is missing.
  const needsName = !isWhole || (isAbstract(type, stripping.world) && !needsNoName(kept, type, stripping))
  return { ...set, selections: needsName ? [...kept, TYPENAME] : kept }
}

const isAbstract = (type: string, world: World): boolean =>
  ['interface', 'union'].includes(world.supergraph.types.get(type)?.kind ?? '')

/**
 * What type an interface object is, is a question to another subgraph. It is not asked where clients see all types that it
 * can be, ask each of them the same, and nothing of it is anybody's.
 */
const needsNoName = (kept: readonly SelectionNode[], type: string, { world, isShown }: Stripping): boolean =>
  isInterfaceObject(world, type) &&
  (world.supergraph.types.get(type)?.possible ?? []).every(isShown) &&
  kept.every((one) => one.kind === Kind.FIELD && isOpen(one, type, world))

const isOpen = ({ name, selectionSet: set }: FieldNode, type: string, world: World): boolean => {
  const known = world.supergraph.types.get(type)
  if ((known?.possible ?? []).some((one) => isProtected(world, one, name.value))) return false
  const child = known?.fields.get(name.value)?.named ?? ''
  return set === undefined || set.selections.every((one) => isOpenSelection(one, child, world))
}

const isOpenSelection = (one: SelectionNode, type: string, world: World): boolean => {
  if (one.kind === Kind.FIELD) return isOpen(one, type, world)
  if (one.kind === Kind.FRAGMENT_SPREAD) return false
  const on = one.typeCondition?.name.value ?? type
  return one.selectionSet.selections.every((inner) => isOpenSelection(inner, on, world))
}

const stripSelection = (selection: SelectionNode, type: string, stripping: Stripping): SelectionNode[] => {
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const inner = strip(selection.selectionSet, selection.typeCondition?.name.value ?? type, stripping)
    return [{ ...selection, selectionSet: inner }]
  }
  return selection.kind === Kind.FIELD ? stripField(selection, type, stripping) : [selection]
}

const stripField = (field: FieldNode, type: string, stripping: Stripping): SelectionNode[] => {
  const { world, scopes, denied } = stripping
  const owner = world.supergraph.types.get(type)
  const name = field.name.value
  const possible = owner?.possible ?? []
  const isDenied = (concrete: string) => denied.has(`${concrete}.${name}`)
  const isLost = (concrete: string) =>
    isDenied(concrete) || callerDenial(`${concrete}.${name}`, world, scopes) !== null
  if (possible.length > 0 && possible.every(isLost)) return []
  const child = owner?.fields.get(name)?.named
  const kept =
    field.selectionSet === undefined || child === undefined
      ? field
      : { ...field, selectionSet: strip(field.selectionSet, child, stripping) }
  if (denied.size === 0 || !possible.some(isDenied)) return [kept]
  return possible.filter((concrete) => !isLost(concrete)).map((concrete) => onType(concrete, kept))
}

const onType = (type: string, field: FieldNode): SelectionNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
  selectionSet: selectionSet([field]),
})

/** Whether a field can never be got by a caller, of none of the types that it may be asked of. */
export const isLost = (world: World, scopes: Scopes, denied: ReadonlySet<string>) => {
  return (coordinate: string): boolean => {
    const [type = '', field] = coordinate.split('.')
    const possible = world.supergraph.types.get(type)?.possible ?? []
    return (
      possible.length > 0 &&
      possible
        .map((concrete) => `${concrete}.${field ?? ''}`)
        .every((one) => denied.has(one) || callerDenial(one, world, scopes) !== null)
    )
  }
}

/** Why this caller can never get a coordinate, whoever it is about; null when that depends on the person. */
export const callerDenial = (coordinate: string, world: World, scopes: Scopes): Denial | null => {
  const protection = world.protection.protections.get(coordinate)
  return protection === undefined || protection.otherwise === 'ANONYMOUS'
    ? null
    : denialOf(protection, scopes)
}

const denialOf = (protection: Protection, scopes: Scopes): Denial | null => {
  for (const { anyOf } of protection.clauses) {
    if (anyOf.some((group) => group.length > 0 && group.every((scope) => scopes.has(scope)))) continue
    const nearest = anyOf
      .map((group) => group.filter((scope) => !scopes.has(scope)))
      .toSorted((a, b) => a.length - b.length)[0]
    return { reason: 'CALLER_SCOPE', scopes: nearest ?? [] }
  }
  return null
}
