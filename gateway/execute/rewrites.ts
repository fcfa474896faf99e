import type { Rewrite, RewriteSegment } from '../plan/query-plan.ts'
import type { World } from '../plan/world.ts'
import { type DataObject, isObject, isOfType, own } from './targets.ts'

/** Applies the plan's rewrites in place: aliased keys back to what was asked, constants into representations. */
export const applyRewrites = (value: unknown, rewrites: readonly Rewrite[], world: World): void => {
  for (const rewrite of rewrites) walk(value, rewrite.path, rewrite, world)
}

const walk = (value: unknown, path: readonly RewriteSegment[], rewrite: Rewrite, world: World): void => {
  if (Array.isArray(value)) return value.forEach((item) => walk(item, path, rewrite, world))
  const [segment, ...rest] = path
  if (segment === undefined || !isObject(value)) return
  if ('types' in segment) {
    if (isOfType(value, segment.types, world)) walk(value, rest, rewrite, world)
  } else if (rest.length > 0) walk(own(value, segment.key), rest, rewrite, world)
  else apply(value, segment.key, rewrite)
}

const apply = (object: DataObject, key: string, rewrite: Rewrite): void => {
  if (rewrite.kind === 'set') object[key] = rewrite.value
  else if (Object.hasOwn(object, key)) {
    object[rewrite.to] = object[key]
    delete object[key]
  }
}
