import { type FieldNode, Kind, print, type SelectionNode, type SelectionSetNode, visit } from 'graphql'
import { type EntityFetchNode, type Lookup, type Path, type Requirement, selectionSet } from './query-plan.ts'

/** One lookup at one of its places, and the request that it is part of. */
export interface Asking {
  readonly node: EntityFetchNode
  readonly lookup: Lookup
  readonly path: Path
}

/** A request with one more lookup in it. The same objects are sent once. */
export const joinLookup = (into: EntityFetchNode, { node, lookup, path }: Asking): EntityFetchNode => {
  const more: Lookup = { ...lookup, paths: [path] }
  const variables = [...into.variables]
  for (const definition of node.variables) {
    const { value } = definition.variable.name
    const isKnown = variables.some(({ variable }) => variable.name.value === value)
    if (!isKnown && variablesIn(lookup.selection).has(value)) variables.push(definition)
  }
  return { ...into, variables, lookups: withLookup(into.lookups, more) }
}

export const variablesIn = (set: SelectionSetNode): ReadonlySet<string> => {
  const names = new Set<string>()
  visit(set, { Variable: ({ name }) => void names.add(name.value) })
  return names
}

const withLookup = (lookups: readonly Lookup[], more: Lookup): Lookup[] => {
  const way = JSON.stringify(more.paths[0])
  const isThere = (one: Lookup): boolean =>
    sends(one) === sends(more) && one.paths.some((path) => JSON.stringify(path) === way)
  const found = lookups.find((one) => isThere(one) && keysAgree(one.selection, more.selection))
  if (found === undefined) {
    const same = lookups.find((one) => sends(one) === sends(more) && asks(one) === asks(more))
    if (same === undefined) return [...lookups, more]
    return lookups.map((one) => (one === same ? { ...one, paths: [...one.paths, ...more.paths] } : one))
  }
  const elsewhere = found.paths.filter((path) => JSON.stringify(path) !== way)
  const here = { ...more, selection: mergedSets(found.selection, more.selection) }
  if (asks(here) === asks(found)) return [...lookups]
  return lookups.flatMap((one) => {
    if (one !== found) return [one]
    return elsewhere.length === 0 ? [here] : [{ ...one, paths: elsewhere }, here]
  })
}

const asks = ({ selection }: Lookup): string => print(selection)

/** As text; of a lookup whose answer is rewritten there is no other. */
const sends = (lookup: Lookup): unknown =>
  lookup.outputRewrites.length > 0 ? lookup : JSON.stringify([sorted(lookup.requires), lookup.inputRewrites])

const sorted = (requires: readonly Requirement[]): unknown[] =>
  requires
    .map((one) => JSON.stringify({ ...one, children: one.children === null ? null : sorted(one.children) }))
    .toSorted()

/** Both selections as one; fields under one key are one field. */
export const mergedSets = (one: SelectionSetNode, other: SelectionSetNode): SelectionSetNode => {
  const selections: SelectionNode[] = [...one.selections]
  for (const selection of other.selections) {
    const index = selections.findIndex((known) => nameOf(known) === nameOf(selection))
    const known = selections[index]
    if (known === undefined) selections.push(selection)
    else selections[index] = mergedSelections(known, selection)
  }
  return selectionSet(selections)
}

/** Whether no response key stands for two fields. Types are not told apart. */
export const keysAgree = (one: SelectionSetNode, other: SelectionSetNode): boolean => {
  const known = new Map(fieldsOf(one, '').map(({ key, name }) => [key, name]))
  return fieldsOf(other, '').every(({ key, name }) => (known.get(key) ?? name) === name)
}

const fieldsOf = (set: SelectionSetNode, above: string): { key: string; name: string }[] =>
  set.selections.flatMap((one) => {
    if (one.kind === Kind.FRAGMENT_SPREAD) return []
    if (one.kind === Kind.INLINE_FRAGMENT) return fieldsOf(one.selectionSet, above)
    const key = `${above}.${one.alias?.value ?? one.name.value}`
    const below = one.selectionSet === undefined ? [] : fieldsOf(one.selectionSet, key)
    return [{ key, name: fieldName(one) }, ...below]
  })

const nameOf = (selection: SelectionNode): string => {
  if (selection.kind === Kind.FIELD) return fieldName(selection)
  if (selection.kind === Kind.FRAGMENT_SPREAD) return `...${selection.name.value}`
  return `on ${selection.typeCondition?.name.value ?? ''} ${(selection.directives ?? []).map(print).join(' ')}`
}

const fieldName = ({ selectionSet: _set, ...field }: FieldNode): string => print(field)

const mergedSelections = (one: SelectionNode, other: SelectionNode): SelectionNode => {
  if (one.kind === Kind.FRAGMENT_SPREAD || other.kind === Kind.FRAGMENT_SPREAD) return one
  if (one.selectionSet === undefined || other.selectionSet === undefined) return one
  return { ...one, selectionSet: mergedSets(one.selectionSet, other.selectionSet) }
}
