import { getNamedType, type GraphQLOutputType, type GraphQLSchema, type InlineFragmentNode } from 'graphql'
import { type DataObject, isObject, own, type ResponsePath } from '../execute/targets.ts'
import { isActive } from '../fence/conditions.ts'
import type { Ledger } from '../fence/ledger.ts'
import type { DeferredFragment, Step } from '../plan/deferred-fragments.ts'
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
  readonly decisions: ReturnType<Ledger['decisionsOn']>
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

type Walking = Told & { readonly places: DeferredPlace[] }

const walk = (at: At, fragment: DeferredFragment, told: Walking): void => {
  const { value, shown, path } = at
  if (!Array.isArray(value)) {
    if (isObject(value) && isObject(shown)) walkObject({ ...at, value, shown }, fragment, told)
  } else if (Array.isArray(shown))
    value.forEach((item: unknown, index) =>
      walk({ ...at, value: item, shown: shown[index], path: [...path, index] }, fragment, told),
    )
}

const walkObject = (
  at: At & { readonly value: DataObject; readonly shown: DataObject },
  fragment: DeferredFragment,
  told: Walking,
): void => {
  const { value, path } = at
  const type = runtimeType(getNamedType(at.type), value, told)
  if (type === null || type === INVALID) return
  const isPerson = told.world.protection.subjects.has(type.name)
  const decisions = isPerson ? told.ledger.decisionsOn(value) : at.decisions
  const step = fragment.steps[at.step]
  if (!applies(step?.inside ?? fragment.inside, type, told)) return
  if (step === undefined) told.places.push({ source: value, type, path, decisions })
  else walk({ ...below(step, { ...at, decisions }, type, told), step: at.step + 1 }, fragment, told)
}

// eslint-disable-next-line max-params -- one step down
const below = ({ field }: Step, at: At, type: Composite, { world, switches }: Told): At => {
  const key = field.alias?.value ?? field.name.value
  const next = type.getFields()[field.name.value]?.type
  const isThere = next !== undefined && isActive(field, switches)
  return {
    ...at,
    type: next ?? at.type,
    value: isThere ? own(at.value as DataObject, dataKey(field, world)) : undefined,
    shown: Object.hasOwn(at.shown as DataObject, key) ? (at.shown as DataObject)[key] : undefined,
    path: [...at.path, key],
  }
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
