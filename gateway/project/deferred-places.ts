import { getNamedType, type GraphQLOutputType, type GraphQLSchema, type InlineFragmentNode } from 'graphql'
import { type DataObject, isObject, own, type ResponsePath } from '../execute/targets.ts'
import type { Decision } from '../fence/decide.ts'
import { isActive } from '../fence/conditions.ts'
import type { Ledger } from '../fence/ledger.ts'
import type { DeferredFragment } from '../plan/deferred-fragments.ts'
import { dataKey } from '../plan/response-keys.ts'
import { admits } from '../plan/world.ts'
import type { Composite, Scene } from './asked-fields.ts'
import { INVALID, runtimeType } from './runtime-type.ts'

/** An object of the answer that a deferred fragment says more about. */
export interface DeferredPlace {
  readonly source: DataObject
  readonly type: Composite
  readonly path: ResponsePath
  /** What was decided about the nearest person around it. */
  readonly decisions: ReadonlyMap<string, Decision> | undefined
}

export interface Told extends Scene {
  readonly schema: GraphQLSchema
  readonly ledger: Ledger
  readonly root: GraphQLOutputType
  readonly data: DataObject
  /** What the client has been told up to now: where that is null, nothing more is said. */
  readonly shown: unknown
}

/** Where a deferred fragment has something to tell. */
export const deferredPlaces = (fragment: DeferredFragment, told: Told): DeferredPlace[] => {
  const places: DeferredPlace[] = []
  walk(
    { value: told.data, shown: told.shown, type: told.root, step: 0, path: [], decisions: undefined },
    fragment,
    {
      ...told,
      places,
    },
  )
  return places
}

interface At {
  readonly value: unknown
  readonly shown: unknown
  readonly type: GraphQLOutputType
  readonly step: number
  readonly path: ResponsePath
  readonly decisions: DeferredPlace['decisions']
}

const walk = (
  at: At,
  fragment: DeferredFragment,
  told: Told & { readonly places: DeferredPlace[] },
): void => {
  const { value, shown } = at
  if (Array.isArray(value)) {
    if (Array.isArray(shown))
      value.forEach((item: unknown, index) =>
        walk({ ...at, value: item, shown: shown[index], path: [...at.path, index] }, fragment, told),
      )
    return
  }
  if (!isObject(value) || !isObject(shown)) return
  const type = runtimeType(getNamedType(at.type), value, told)
  if (type === null || type === INVALID) return
  const isPerson = told.world.protection.subjects.has(type.name)
  const decisions = isPerson ? told.ledger.decisionsOn(value) : at.decisions
  const step = fragment.steps[at.step]
  if (!applies(step?.inside ?? fragment.inside, type, told)) return
  if (step === undefined) return void told.places.push({ source: value, type, path: at.path, decisions })
  const key = step.field.alias?.value ?? step.field.name.value
  const next = type.getFields()[step.field.name.value]?.type
  if (next === undefined || !isActive(step.field, told.switches)) return
  const below = { value: own(value, dataKey(step.field, told.world)), shown: own(shown, key) }
  walk({ ...below, type: next, step: at.step + 1, path: [...at.path, key], decisions }, fragment, told)
}

const applies = (
  inside: readonly InlineFragmentNode[],
  type: Composite,
  { world, switches }: Scene,
): boolean =>
  inside.every(
    (fragment) =>
      isActive(fragment, switches) && admits(world, fragment.typeCondition?.name.value, type.name),
  )
