import { isNonNullType } from 'graphql'
import type { World } from '../plan/world.ts'
import type { AskedField } from './asked-fields.ts'
import type { Walk } from './walk.ts'

/**
 * The second line: a protected value is shown only where the fence decided so for this very object.
 * A subgraph that sends more than it was asked for changes nothing.
 */
export const permitted = (field: AskedField, value: unknown, walk: Walk, world: World): unknown => {
  const { decidedAs } = field
  const decision = decisionFor(decidedAs, walk)
  if (decision?.kind === 'granted') return value
  const [coordinate = ''] = decidedAs
  const denial = decision ?? walk.callerDenial(coordinate)
  if (denial === null) return undefined
  const instead =
    decision !== undefined && world.protection.protections.get(coordinate)?.otherwise === 'ANONYMOUS'
  const shown = instead ? value : undefined
  const isThere = shown !== undefined && shown !== null
  walk.withheld.add(field, { coordinate, path: walk.path, denial, instead: isThere })
  if (!isThere) walk.errors.withheld(walk.path, coordinate, denial, !isNonNullType(field.type))
  return shown
}

/**
 * Whether the fence let a field be shown for the object at hand. Decisions are shared by all who were decided alike and are
 * never changed, so what they say of one field is looked up once for as many as come one after the other.
 */
export const grantedTest = (decidedAs: readonly string[]): ((walk: Walk) => boolean) => {
  let latest: Walk['decisions']
  let isGranted = false
  return (walk) => {
    if (walk.decisions !== latest) {
      latest = walk.decisions
      isGranted = decisionFor(decidedAs, walk)?.kind === 'granted'
    }
    return isGranted
  }
}

/** A field of an interface object was decided under the interface's name. */
const decisionFor = (coordinates: readonly string[], { decisions }: Walk) => {
  if (decisions === undefined) return undefined
  for (const coordinate of coordinates) {
    const decision = decisions.get(coordinate)
    if (decision !== undefined) return decision
  }
  return undefined
}
