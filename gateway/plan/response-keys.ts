import { createHash } from 'node:crypto'
import { type FieldNode, Kind, print, type SelectionNode, type SelectionSetNode, visit } from 'graphql'
import { AssentError } from '../errors.ts'
import type { World } from './world.ts'

const OURS = '_assent_'
const RENAMED = `${OURS}as_`

/**
 * The key a field's value is fetched and kept under. An alias that is the name of some field would be taken for that
 * field's value by a later representation (`pid: displayName`), and one like `__proto__` for something else altogether,
 * so such aliases travel under a name of ours and get theirs back in the answer. So does a field that keys or inputs read
 * and that takes arguments: `ownerId(as: "ada")` is not the `ownerId` that says whose an object is.
 *
 * Under one key, fragments on different types may ask different things (GraphQL, "Field Selection Merging"). A subgraph that
 * knows an interface as one object is asked for all its types together, so what is asked there goes by what it is.
 */
export const dataKey = (field: FieldNode, world: World): string => {
  const alias = field.alias?.value
  // The type name is needed under its own name; the projection answers every alias of it by itself.
  if (field.name.value === '__typename') return field.name.value
  if (world.sharedNames.has(field.name.value) && !isBare(field))
    return `${OURS}${digestOf(field)}_as_${alias ?? field.name.value}`
  if (alias === undefined || alias === field.name.value)
    return world.inputNames.has(field.name.value) ? `${RENAMED}${field.name.value}` : field.name.value
  return world.fieldNames.has(alias) || alias.startsWith('_') || alias in Object.prototype
    ? `${RENAMED}${alias}`
    : alias
}

/** Asked under its own name, and without arguments. */
const isBare = ({ alias, name, arguments: given = [] }: FieldNode): boolean =>
  (alias === undefined || alias.value === name.value) && given.length === 0

/** The same for what is asked alike: neither arguments nor members of their values have an order. */
const digestOf = ({ name, arguments: given = [] }: FieldNode): string => {
  const written = given.map((one) => {
    const sorted = visit(one, {
      ObjectValue: {
        leave: (node) => ({ ...node, fields: node.fields.toSorted((a, b) => byText(print(a), print(b))) }),
      },
    })
    return print(sorted)
  })
  return createHash('sha256')
    .update(JSON.stringify([name.value, ...written.toSorted(byText)]))
    .digest('hex')
    .slice(0, DIGEST)
}

const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other))

const DIGEST = 32
const KEPT_UNDER = new RegExp(`^${OURS}(?:[0-9a-f]{${DIGEST}}_)?as_`)

/** The key the client asked for, from the key a value was kept under. */
export const clientKey = (key: string): string => (key.startsWith(OURS) ? key.replace(KEPT_UNDER, '') : key)

/** Gives every field of an operation its data key. */
export const withDataKeys = (set: SelectionSetNode, world: World): SelectionSetNode => ({
  ...set,
  selections: set.selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return selection
    const inner =
      selection.selectionSet === undefined
        ? {}
        : { selectionSet: withDataKeys(selection.selectionSet, world) }
    if (selection.kind === Kind.INLINE_FRAGMENT) return { ...selection, ...inner }
    const { alias: _alias, ...unaliased } = selection
    const key = dataKey(selection, world)
    const alias = key === selection.name.value ? {} : { alias: { kind: Kind.NAME as const, value: key } }
    return { ...unaliased, ...inner, ...alias }
  }),
})

/** Response keys that we or the planner need are refused: one person's key must never be overwritten by a client's alias. */
export const refuseReservedKeys = (set: SelectionSetNode): void => {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value
      if (
        key.startsWith(OURS) ||
        key.startsWith('_internal_qp') ||
        (key === '__typename' && selection.name.value !== key)
      )
        throw new AssentError('RESPONSE_KEY_RESERVED', key)
    }
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined)
      refuseReservedKeys(selection.selectionSet)
  }
}
