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
  let level: { value: unknown; path: ResponsePath }[] = [{ value: root, path: [] }]
  for (const segment of path) {
    if (segment === 'item')
      level = level.flatMap(({ value, path: at }) =>
        Array.isArray(value)
          ? value.map((item: unknown, index) => ({ value: item, path: [...at, index] }))
          : [{ value, path: at }],
      )
    else if ('field' in segment)
      level = level.flatMap(({ value, path: at }) => {
        const next = isObject(value) ? own(value, segment.field) : undefined
        return next === undefined || next === null ? [] : [{ value: next, path: [...at, segment.field] }]
      })
    else level = level.filter(({ value }) => isObject(value) && isOfType(value, segment.types, world))
  }
  return level.flatMap(({ value, path: at }) => (isObject(value) ? [{ object: value, path: at }] : []))
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
