import type { Path } from '../plan/query-plan.ts'
import { admits, type World } from '../plan/world.ts'

export type DataObject = Record<string, unknown>
export type ResponsePath = readonly (string | number)[]

/** An object of the merged data, and where it stands. */
export interface Target {
  readonly object: DataObject
  readonly path: ResponsePath
}

/** Every object at a plan's path; lists are walked, nulls and absent values end the way. */
export const targetsAt = (root: DataObject, path: Path, world: World): Target[] => {
  let level: Place[] = [{ value: root, path: [] }]
  for (const segment of path) {
    if (segment === 'item') level = level.flatMap(itemsOf)
    else if ('field' in segment) level = level.flatMap((place) => valueOf(place, segment.field))
    else level = level.filter(({ value }) => isObject(value) && isOfType(value, segment.types, world))
  }
  return level.flatMap(({ value, path: at }) => (isObject(value) ? [{ object: value, path: at }] : []))
}

interface Place {
  readonly value: unknown
  readonly path: ResponsePath
}

/** The planner writes one step for a list, however many lists are in it. */
const itemsOf = ({ value, path }: Place): Place[] =>
  Array.isArray(value)
    ? value.flatMap((item: unknown, index) => itemsOf({ value: item, path: [...path, index] }))
    : [{ value, path }]

const valueOf = ({ value, path }: Place, field: string): Place[] => {
  const next = isObject(value) ? own(value, field) : undefined
  return next === undefined || next === null ? [] : [{ value: next, path: [...path, field] }]
}

export const isObject = (value: unknown): value is DataObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads an own property: response keys are chosen by clients, and `constructor` is one of them. */
export const own = (object: DataObject, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** Without `__typename` the plan did not need to tell types apart here. */
export const isOfType = (object: DataObject, types: readonly string[], world: World): boolean => {
  const name = own(object, '__typename')
  return typeof name !== 'string' || types.some((type) => admits(world, type, name))
}
