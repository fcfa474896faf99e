import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'

/** How large a document is, before anybody has compared it with a schema. */
export interface DocumentMeasure {
  readonly tokens: number
  readonly fragments: number
  readonly directives: number
  /** Most directives on one field, fragment, variable or operation. */
  readonly directivesPerElement: number
  readonly inputDepth: number
  readonly operations: readonly OperationMeasure[]
}

/** Fragments are counted wherever they are spread, a depth at the deepest place. NaN where a fragment leads to itself. */
export interface OperationMeasure {
  readonly node: OperationDefinitionNode
  readonly depth: number
  readonly aliases: number
  readonly rootFields: number
  readonly selections: number
  readonly variables: number
}

/**
 * Measures a document in time linear in its length, each fragment walked once: what doubles at every fragment is
 * exponential to expand, not to count (CVE-2025-32030). Fragments lead on to one another without recursion, however many.
 * A document that was measured is remembered: whoever holds the same object asks for nothing.
 */
export const measureDocument = (document: DocumentNode): DocumentMeasure => {
  const found = measured.get(document)
  if (found !== undefined) return found
  const measure = measureAll(document)
  measured.set(document, measure)
  return measure
}

const measured = new WeakMap<DocumentNode, DocumentMeasure>()

const measureAll = (document: DocumentNode): DocumentMeasure => {
  const tally: Tally = { directives: 0, directivesPerElement: 0, inputDepth: 0 }
  const fragments = new Map<string, Part>()
  const operations: [OperationDefinitionNode, Part][] = []
  let count = 0
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION)
      operations.push([definition, measurePart(definition, tally)])
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue
    count += 1
    fragments.set(definition.name.value, measurePart(definition, tally))
  }
  const sizeOf = sizesWith(fragments)
  return {
    ...tally,
    tokens: document.tokenCount ?? 0,
    fragments: count,
    operations: operations.map(([node, part]) => ({
      node,
      ...sizeOf(part),
      variables: node.variableDefinitions?.length ?? 0,
    })),
  }
}

/** What counts once, wherever it stands. */
interface Tally {
  directives: number
  directivesPerElement: number
  inputDepth: number
}

interface Size {
  depth: number
  aliases: number
  rootFields: number
  selections: number
}

/** One operation or fragment by itself; what it spreads is named, with the depth of the place. */
interface Part {
  readonly own: Size
  readonly spreads: { readonly name: string; readonly depth: number }[]
}

const measurePart = (definition: DefinitionNode, tally: Tally): Part => {
  const part: Part = { own: { depth: 0, aliases: 0, rootFields: 0, selections: 0 }, spreads: [] }
  if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
    return part
  tallyDirectives(definition.directives, tally)
  for (const variable of definition.variableDefinitions ?? []) {
    tallyDirectives(variable.directives, tally)
    if (variable.defaultValue !== undefined) tallyValue(variable.defaultValue, tally)
  }
  measureSet(definition.selectionSet, 0, part, tally)
  return part
}

// eslint-disable-next-line max-params -- where it stands, and the two that it adds to
const measureSet = (set: SelectionSetNode, depth: number, part: Part, tally: Tally): void => {
  const { own, spreads } = part
  for (const selection of set.selections) {
    own.selections += 1
    tallyDirectives(selection.directives, tally)
    if (selection.kind === Kind.FRAGMENT_SPREAD) spreads.push({ name: selection.name.value, depth })
    if (selection.kind === Kind.INLINE_FRAGMENT) measureSet(selection.selectionSet, depth, part, tally)
    if (selection.kind !== Kind.FIELD) continue
    own.depth = Math.max(own.depth, depth + 1)
    if (depth === 0) own.rootFields += 1
    if (selection.alias !== undefined) own.aliases += 1
    for (const argument of selection.arguments ?? []) tallyValue(argument.value, tally)
    if (selection.selectionSet !== undefined) measureSet(selection.selectionSet, depth + 1, part, tally)
  }
}

const tallyDirectives = (
  directives: readonly (DirectiveNode | ConstDirectiveNode)[] = [],
  tally: Tally,
): void => {
  tally.directives += directives.length
  tally.directivesPerElement = Math.max(tally.directivesPerElement, directives.length)
  for (const directive of directives)
    for (const argument of directive.arguments ?? []) tallyValue(argument.value, tally)
}

const tallyValue = (value: ValueNode, tally: Tally): void => {
  tally.inputDepth = Math.max(tally.inputDepth, depthOf(value))
}

const depthOf = (value: ValueNode): number => {
  let inner = 0
  if (value.kind === Kind.LIST) for (const item of value.values) inner = Math.max(inner, depthOf(item))
  else if (value.kind === Kind.OBJECT)
    for (const field of value.fields) inner = Math.max(inner, depthOf(field.value))
  else return 0
  return inner + 1
}

/** Sizes with everything spread, each fragment worked out once after those it leads to. */
const sizesWith = (fragments: ReadonlyMap<string, Part>): ((part: Part) => Size) => {
  const known = new Map<Part, Size>()
  const sum = ({ own, spreads }: Part): Size => {
    const size = { ...own }
    for (const { name, depth } of spreads) {
      const part = fragments.get(name)
      if (part === undefined) continue
      const inner = known.get(part) ?? ENDLESS
      size.depth = Math.max(size.depth, depth + inner.depth)
      size.aliases += inner.aliases
      size.selections += inner.selections
      if (depth === 0) size.rootFields += inner.rootFields
    }
    return size
  }
  return (part) => {
    for (const next of afterWhatTheyLeadTo(part, fragments, known)) known.set(next, sum(next))
    return known.get(part) ?? ENDLESS
  }
}

/** No number compares with it and whatever is added to it becomes it: a circle has no size. */
const ENDLESS: Size = {
  depth: Number.NaN,
  aliases: Number.NaN,
  rootFields: Number.NaN,
  selections: Number.NaN,
}

/** What can be reached and is not known, each behind all it leads to; of a circle the one that closes it comes first. */
const afterWhatTheyLeadTo = (
  start: Part,
  fragments: ReadonlyMap<string, Part>,
  known: ReadonlyMap<Part, Size>,
): Part[] => {
  const order: Part[] = []
  const entered = new Set<Part>([start])
  const open: { readonly part: Part; next: number }[] = [{ part: start, next: 0 }]
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const spread = top.part.spreads[top.next]
    top.next += 1
    if (spread === undefined) order.push(top.part)
    if (spread === undefined) open.pop()
    const part = spread === undefined ? undefined : fragments.get(spread.name)
    if (part === undefined || entered.has(part) || known.has(part)) continue
    entered.add(part)
    open.push({ part, next: 0 })
  }
  return order
}
