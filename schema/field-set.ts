import { Kind, parse, type SelectionSetNode } from 'graphql'

/** Reads a federation field set (`pid`, `customer { pid }`) as a selection set. Throws `GraphQLError` on bad syntax. */
export const parseFieldSet = (text: string): SelectionSetNode => {
  const set = known.get(text) ?? read(text)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(text, set)
  return set
}

/** Thousands of types of a graph have the same few keys. */
const known = new Map<string, SelectionSetNode>()
const MOST_KNOWN = 1000

const read = (text: string): SelectionSetNode => {
  const body = text.trim()
  const definition = parse(body.startsWith('{') ? body : `{${body}}`, { noLocation: true }).definitions[0]
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`not a field set: ${text}`)
  return definition.selectionSet
}

/** The names from the type down to the one leaf of a field set; null when it has more leaves than one, or none. */
export const singleLeafPath = (text: string): readonly string[] | null => {
  const path: string[] = []
  let selections: SelectionSetNode | undefined = parseFieldSet(text)
  while (selections !== undefined) {
    const [field, ...others]: readonly SelectionSetNode['selections'][number][] = selections.selections
    if (others.length > 0 || field?.kind !== Kind.FIELD || field.alias !== undefined) return null
    path.push(field.name.value)
    selections = field.selectionSet
  }
  return path
}

/** Names at the top of a field set, fragments included. */
export const topLevelNames = (set: SelectionSetNode): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value]
    return selection.kind === Kind.INLINE_FRAGMENT ? topLevelNames(selection.selectionSet) : []
  })
