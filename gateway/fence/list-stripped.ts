import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import type { World } from '../plan/world.ts'
import { callerDenial } from './strip.ts'

/** A coordinate that is not even planned, because this caller's scopes can never get it. */
export interface Stripped {
  readonly coordinate: string
  /** `customers.nodes.email`, by response keys. */
  readonly path: string
  /** The scopes the caller would need. */
  readonly scopes: readonly string[]
}

interface Place {
  readonly world: World
  readonly scopes: ReadonlySet<string>
  readonly type: string
  readonly path: readonly string[]
}

/** Names what `strip` takes out of an operation, and where. */
export const listStripped = (set: SelectionSetNode, place: Place): Stripped[] => {
  const found = new Map<string, Stripped>()
  for (const one of walk(set, place)) found.set(`${one.coordinate} ${one.path}`, one)
  return [...found.values()]
}

const walk = (set: SelectionSetNode, place: Place): Stripped[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    if (selection.kind === Kind.FIELD) return walkField(selection, place)
    const type = selection.typeCondition?.name.value ?? place.type
    return walk(selection.selectionSet, { ...place, type })
  })

const walkField = (field: FieldNode, { world, scopes, type, path }: Place): Stripped[] => {
  const owner = world.supergraph.types.get(type)
  const possible = owner?.possible ?? []
  const name = field.name.value
  const below = [...path, field.alias?.value ?? name]
  const lost = possible.flatMap((concrete) => {
    const coordinate = `${concrete}.${name}`
    const denial = callerDenial(coordinate, world, scopes)
    return denial === null ? [] : [{ coordinate, path: below.join('.'), scopes: denial.scopes }]
  })
  if (possible.length > 0 && lost.length === possible.length) return lost
  const child = owner?.fields.get(name)?.named
  if (field.selectionSet === undefined || child === undefined) return []
  return walk(field.selectionSet, { world, scopes, type: child, path: below })
}
