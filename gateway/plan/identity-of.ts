import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { SubgraphType } from '../../schema/subgraph-view.ts'
import { AssentError } from '../errors.ts'
import type { Place } from './place.ts'
import type { Requirement, Rewrite } from './query-plan.ts'
import { TYPENAME } from './query-plan.ts'

/** What is put into an operation so that a person found there can be asked for again, and decided about. */
export interface Identity {
  readonly selections: readonly SelectionNode[]
  readonly requires: readonly Requirement[]
  /** An interface object is known to its subgraph by the interface's name alone, whatever the object turned out to be. */
  readonly inputRewrites: readonly Rewrite[]
  /** Response keys from the object down to the subject key. */
  readonly subject: readonly string[]
}

/** `__typename`, an entity key and the subject key of one person's type, as this subgraph can answer them. */
export const identityOf = (place: Place, alias: (name: string) => string): Identity => {
  const type = place.view.types.get(place.type)
  const subject = place.world.protection.subjects.get(place.type)
  const key = type === undefined ? undefined : resolvableKey(type)
  if (
    type === undefined ||
    subject === undefined ||
    key === undefined ||
    !type.fields.has(subject.keyPath[0] ?? '')
  )
    throw new AssentError('PLAN_UNFENCED', place.type)
  const keyFields = aliased(parseFieldSet(key), alias)
  const subjectFields = aliased(parseFieldSet(subject.key), alias)
  return {
    selections: [
      TYPENAME,
      ...keyFields,
      ...subjectFields.filter((field) => !keyFields.some((other) => sameField(field, other))),
    ],
    requires: [
      { kind: 'type', type: place.type, children: [TYPENAME_REQUIRED, ...requirementsOf(keyFields)] },
    ],
    inputRewrites: type.isInterfaceObject
      ? [{ kind: 'set', path: [{ key: '__typename' }], value: place.type }]
      : [],
    subject: [alias(subject.keyPath[0] ?? ''), ...subject.keyPath.slice(1)],
  }
}

const resolvableKey = (type: SubgraphType): string | undefined =>
  type.keys.find((key) => key.resolvable)?.fields

const TYPENAME_REQUIRED: Requirement = {
  kind: 'field',
  name: '__typename',
  source: '__typename',
  children: null,
}

/** Only the top of a key needs an alias: what is below it is all ours. */
const aliased = (set: SelectionSetNode, alias: (name: string) => string): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD) throw new AssentError('PLAN_UNFENCED', 'key')
    const key = alias(selection.name.value)
    return [
      key === selection.name.value ? selection : { ...selection, alias: { kind: Kind.NAME, value: key } },
    ]
  })

const sameField = (field: FieldNode, other: FieldNode): boolean =>
  field.name.value === other.name.value &&
  field.selectionSet === undefined &&
  other.selectionSet === undefined

const requirementsOf = (selections: readonly SelectionNode[]): Requirement[] =>
  selections.flatMap((field) => {
    if (field.kind !== Kind.FIELD) return []
    const children = field.selectionSet === undefined ? null : requirementsOf(field.selectionSet.selections)
    return [
      {
        kind: 'field' as const,
        name: field.name.value,
        source: field.alias?.value ?? field.name.value,
        children,
      },
    ]
  })
