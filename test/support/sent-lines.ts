import { type FieldNode, Kind, parse, print, type SelectionSetNode } from 'graphql'
import type { Sent } from './world.ts'

/**
 * What was sent, one line a request, in a form that can be read and compared exactly:
 * `people: people{id name}` for root fields, `people: _entities(Person ada, bo){id email}` for lookups, partitions joined
 * by ` + `. Left out: arguments, `__typename` beside other fields, fields said twice, a fragment on the only type asked for.
 * Of a representation only its key is shown; other fields it carries are named `+email`.
 */
export const sentLines = (sent: readonly Sent[]): string[] => sent.map(sentLine)

const sentLine = (request: Sent): string => {
  const operation = parse(request.document).definitions.find(
    (node) => node.kind === Kind.OPERATION_DEFINITION,
  )
  if (operation === undefined) return `${request.subgraph}: nothing`
  const kind = operation.operation === 'query' ? '' : `${operation.operation} `
  const fields = operation.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? topText(selection, request) : print(selection),
  )
  return `${request.subgraph}: ${kind}${fields.join(' + ')}`
}

const topText = (field: FieldNode, request: Sent): string => {
  if (field.name.value !== '_entities') return fieldText(field)
  const representations = representationsOf(field, request)
  const types = new Set(representations.map((one) => String(one['__typename'])))
  const on = types.size === 1 ? [...types][0] : undefined
  return `_entities(${representationsText(representations)})${setText(field.selectionSet, on)}`
}

const representationsOf = (field: FieldNode, { variables }: Sent): Record<string, unknown>[] => {
  const value = field.arguments?.[0]?.value
  return value?.kind === Kind.VARIABLE ? (variables[value.name.value] as Record<string, unknown>[]) : []
}

const representationsText = (representations: readonly Record<string, unknown>[]): string => {
  const byType = new Map<string, string[]>()
  for (const { __typename, ...fields } of representations) {
    const type = String(__typename)
    byType.set(type, [...(byType.get(type) ?? []), carriedText(fields)])
  }
  return [...byType].map(([type, carried]) => `${type} ${carried.join(', ')}`).join('; ')
}

/** Key values come first; everything else is only named. */
const carriedText = (fields: Readonly<Record<string, unknown>>): string => {
  const keys = Object.entries(fields).filter(([name]) => KEYS.has(name))
  const others = Object.keys(fields).filter((name) => !KEYS.has(name))
  return [...keys.map(([, value]) => keyText(value)), ...others.toSorted().map((name) => `+${name}`)].join(
    ' ',
  )
}

const KEYS = new Set(['id', 'pid', 'sku', 'orderId', 'customer', 'card', 'upc'])

const keyText = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `{${Object.values(value).map(keyText).join(' ')}}`
    : String(value)

const fieldText = (field: FieldNode): string => {
  const alias = field.alias === undefined ? '' : `${field.alias.value}:`
  return `${alias}${field.name.value}${conditionText(field)}${setText(field.selectionSet, undefined)}`
}

const conditionText = ({ directives = [] }: { directives?: FieldNode['directives'] }): string =>
  directives.map((directive) => ` ${print(directive)}`).join('')

const setText = (set: SelectionSetNode | undefined, on: string | undefined): string => {
  if (set === undefined) return ''
  const texts = [...new Set(selectionTexts(set, on))]
  const told = texts.length > 1 ? texts.filter((text) => text !== '__typename') : texts
  return `{${told.join(' ')}}`
}

const selectionTexts = (set: SelectionSetNode, on: string | undefined): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [fieldText(selection)]
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [`...${selection.name.value}`]
    const condition = selection.typeCondition?.name.value
    if (condition === on && conditionText(selection) === '') return selectionTexts(selection.selectionSet, on)
    const name = condition === undefined ? '' : ` ${condition}`
    return [`...${name}${conditionText(selection)}${setText(selection.selectionSet, undefined)}`]
  })
