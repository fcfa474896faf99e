import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { selectionSet } from './query-plan.ts'

/** What is asked twice of the same object is asked once (GraphQL, "Field Collection"); fragments that stand beside it keep theirs. */
export const mergeSameKeys = (set: SelectionSetNode): SelectionSetNode => {
  const fields = new Map<string, FieldNode>()
  for (const one of set.selections)
    if (one.kind === Kind.FIELD) fields.set(keyOf(one), both(fields.get(keyOf(one)), one))
  const asked = new Set<string>()
  return selectionSet(
    set.selections.flatMap((one): SelectionNode[] => {
      if (one.kind === Kind.FRAGMENT_SPREAD) return [one]
      if (one.kind === Kind.INLINE_FRAGMENT)
        return [{ ...one, selectionSet: mergeSameKeys(one.selectionSet) }]
      const key = keyOf(one)
      if (asked.has(key)) return []
      asked.add(key)
      const whole = fields.get(key) ?? one
      return [
        whole.selectionSet === undefined
          ? whole
          : { ...whole, selectionSet: mergeSameKeys(whole.selectionSet) },
      ]
    }),
  )
}

const keyOf = ({ alias, name }: FieldNode): string => alias?.value ?? name.value

const both = (one: FieldNode | undefined, other: FieldNode): FieldNode =>
  one?.selectionSet === undefined || other.selectionSet === undefined
    ? (one ?? other)
    : {
        ...one,
        selectionSet: selectionSet([...one.selectionSet.selections, ...other.selectionSet.selections]),
      }
