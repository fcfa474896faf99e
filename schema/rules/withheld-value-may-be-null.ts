import { Kind, type TypeNode } from 'graphql'
import type { RuleContext } from '../rule-context.ts'
import { at, fieldPlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A withheld value is null, so a protected field is nullable or has a default for nobody; a non-null one takes the
 * nearest nullable parent with it (GraphQL specification, "Handling field errors"). A warning with that consequence.
 */
export const withheldValueMayBeNull = (context: RuleContext): Violation[] =>
  fieldPlaces(context).flatMap((place) => {
    const { type, field } = place
    if (field.type.kind !== Kind.NON_NULL_TYPE || field.isExternal || type.kind !== 'object') return []
    const clauses = context.graph.clausesOf(type.name, field.name)
    const own = clauses.filter(({ origin }) => origin === 'own')
    const hasDefault = own.length > 0 && own.every(({ otherwise }) => otherwise === 'ANONYMOUS')
    if (clauses.length === 0 || hasDefault) return []
    return [
      {
        ...graded('WITHHELD_NON_NULL'),
        ...at(place),
        message: `it is protected and cannot be null: when it is withheld, ${consequence(context, type.name)} becomes null`,
        remedy: 'Make it nullable, or answer a default with otherwise: ANONYMOUS.',
      },
    ]
  })

const MOST_NAMED = 5

const consequence = (context: RuleContext, type: string): string => {
  const absorbers = [...nearestNullable(context, type, new Set())].toSorted()
  if (absorbers.length === 0) return 'the whole answer'
  const named = absorbers.slice(0, MOST_NAMED).join(' or ')
  return absorbers.length > MOST_NAMED ? `${named} or ${absorbers.length - MOST_NAMED} more` : named
}

/** Where the null stops, going outward from a type over every field that returns it. */
const nearestNullable = (context: RuleContext, type: string, seen: Set<string>): Set<string> => {
  const found = new Set<string>()
  if (seen.has(type)) return found
  seen.add(type)
  for (const place of fieldPlaces(context)) {
    if (place.type.kind !== 'object' || !context.graph.possibleTypes(place.field.named).includes(type))
      continue
    const stop = stopIn(place.field.type)
    if (stop !== null) found.add(stop === 'item' ? `an item of ${place.coordinate}` : place.coordinate)
    else if (place.subgraph.roots.has(place.type.name)) found.add('the whole answer')
    else for (const outer of nearestNullable(context, place.type.name, seen)) found.add(outer)
  }
  return found
}

/** The innermost nullable position of a field's type: an item of its list, the field itself, or none. */
const stopIn = (type: TypeNode): 'item' | 'field' | null => {
  if (type.kind === Kind.NAMED_TYPE) return 'field'
  if (type.kind === Kind.LIST_TYPE) return stopIn(type.type) === null ? 'field' : 'item'
  if (type.type.kind === Kind.LIST_TYPE) return stopIn(type.type.type) === null ? null : 'item'
  return null
}
