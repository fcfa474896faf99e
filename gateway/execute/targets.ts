import type { Path } from '../plan/query-plan.ts'
import { admits, type World } from '../plan/world.ts'

export type DataObject = Record<string, unknown>
export type ResponsePath = readonly (string | number)[]

/** Every object at a plan's paths, in the order of the data; lists are walked, nulls and absent values end the way. */
export const objectsAt = (root: DataObject, paths: readonly Path[], world: World): DataObject[] => {
  const found: DataObject[] = []
  for (const path of paths) collect(root, 0, { path, world, found })
  return found
}

interface Walk {
  readonly path: Path
  readonly world: World
  readonly found: DataObject[]
}

const collect = (start: unknown, from: number, walk: Walk): void => {
  let value = start
  for (let at = from; at < walk.path.length; at += 1) {
    const segment = walk.path[at]
    if (segment === 'item') {
      if (Array.isArray(value)) return collectItems(value, at + 1, walk)
    } else if (!isObject(value) || segment === undefined) return
    else if ('field' in segment) value = value[segment.field]
    else if (!isOfType(value, segment.types, walk.world)) return
  }
  if (isObject(value)) walk.found.push(value)
}

/** The planner writes one step for a list, however many lists are in it. */
const collectItems = (items: readonly unknown[], next: number, walk: Walk): void => {
  for (const item of items) {
    if (Array.isArray(item)) collectItems(item, next, walk)
    else collect(item, next, walk)
  }
}

/** Where the objects at a plan's paths stand. Only errors need to know, so it is found out when there is one. */
export const placesAt = (
  root: DataObject,
  paths: readonly Path[],
  world: World,
): ReadonlyMap<DataObject, ResponsePath> => {
  const places = new Map<DataObject, ResponsePath>()
  for (const path of paths) for (const { value, at } of placesOf(root, path, world)) places.set(value, at)
  return places
}

interface Place {
  readonly value: unknown
  readonly at: ResponsePath
}

const placesOf = (root: DataObject, path: Path, world: World): { value: DataObject; at: ResponsePath }[] => {
  let level: Place[] = [{ value: root, at: [] }]
  for (const segment of path) {
    if (segment === 'item') level = level.flatMap(itemsOf)
    else if ('field' in segment) level = level.flatMap((place) => valueOf(place, segment.field))
    else level = level.filter(({ value }) => isObject(value) && isOfType(value, segment.types, world))
  }
  return level.flatMap(({ value, at }) => (isObject(value) ? [{ value, at }] : []))
}

const itemsOf = ({ value, at }: Place): Place[] =>
  Array.isArray(value)
    ? value.flatMap((item: unknown, index) => itemsOf({ value: item, at: [...at, index] }))
    : [{ value, at }]

const valueOf = ({ value, at }: Place, field: string): Place[] =>
  isObject(value) ? [{ value: own(value, field), at: [...at, field] }] : []

/** What a JSON object is: whatever else a key of `Object.prototype` leads to is no data. */
export const isObject = (value: unknown): value is DataObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads a property of JSON data: response keys are chosen by clients, and `constructor` is one of them. What an object
 * inherits is a function, which no JSON is, or its prototype; asking `hasOwn` first would cost as much again as the reading.
 */
export const own = (object: DataObject, key: string): unknown => {
  const value = object[key]
  return typeof value === 'function' || key === '__proto__' ? undefined : value
}

/** Without `__typename` the plan did not need to tell types apart here. */
export const isOfType = (object: DataObject, types: readonly string[], world: World): boolean => {
  const name = object['__typename']
  return typeof name !== 'string' || types.some((type) => admits(world, type, name))
}
