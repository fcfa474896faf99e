import { Kind, type SelectionSetNode } from 'graphql'
import type { Guard, Requirement } from '../plan/query-plan.ts'
import { admits, isProtected, type World } from '../plan/world.ts'

/**
 * What a representation may carry into a subgraph: its keys, open inputs, and a protected input only where a granted
 * field needs it. `@requires` hands values on, so inputs are decided like outputs.
 */
export const keepInputs = (
  requires: readonly Requirement[],
  { world, type, guard }: { world: World; type: string; guard: Guard | null },
  granted: ReadonlySet<string>,
): Requirement[] => {
  const needed = [...(guard?.inputs ?? [])].flatMap(([coordinate, set]) =>
    granted.has(coordinate) || !world.protection.protections.has(coordinate) ? [set] : [],
  )
  const own = requires.flatMap((one) =>
    one.kind === 'field' ? [one] : admits(world, one.type, type) ? one.children : [],
  )
  return keep(own, { world, type }, needed)
}

const keep = (
  requires: readonly Requirement[],
  at: { world: World; type: string },
  needed: readonly SelectionSetNode[],
): Requirement[] =>
  requires.flatMap((one): Requirement[] => {
    if (one.kind === 'type') {
      if (!admits(at.world, one.type, at.type))
        return [{ ...one, children: keep(one.children, { ...at, type: one.type }, needed) }]
      return keep(one.children, at, needed)
    }
    const below = needed.flatMap((set) => namedIn(set, one.name))
    if (mayBeProtected(at, one.name) && below.length === 0) return []
    if (one.children === null) return [one]
    const child = at.world.supergraph.types.get(at.type)?.fields.get(one.name)?.named ?? ''
    const sets = below.flatMap((set) => (set === null ? [] : [set]))
    return [{ ...one, children: keep(one.children, { ...at, type: child }, sets) }]
  })

/** An input may be read through an interface: it is protected where any type behind it says so. */
const mayBeProtected = ({ world, type }: { world: World; type: string }, field: string): boolean =>
  [type, ...(world.supergraph.types.get(type)?.possible ?? [])].some((owner) =>
    isProtected(world, owner, field),
  )

/** The selections under one name in a field set: null for a leaf. */
const namedIn = (set: SelectionSetNode, name: string): (SelectionSetNode | null)[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD)
      return selection.name.value === name ? [selection.selectionSet ?? null] : []
    return selection.kind === Kind.INLINE_FRAGMENT ? namedIn(selection.selectionSet, name) : []
  })
