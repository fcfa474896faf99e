import { carriesScopes, writeScopes } from '../carries-scopes.ts'
import { selectedFields } from '../field-selections.ts'
import type { ScopeGroups } from '../protection.ts'
import type { RuleContext } from '../rule-context.ts'
import { at, type FieldPlace, fieldPlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A field computed from protected inputs asks for their scopes, through any chain of `@requires`: otherwise it tells what
 * it was computed from (GHSA-m8jr-fxqx-8xx6). An input that belongs to another person cannot be asked for here at all,
 * and where `@fromContext` takes a value from cannot be proved, so next to personal data it is refused.
 */
export const inputCarriesItsScopes = (context: RuleContext): Violation[] =>
  fieldPlaces(context).flatMap((place) => [
    ...missingScopes(context, place),
    ...foreignInputs(context, place),
    ...contextInputs(context, place),
  ])

const missingScopes = (context: RuleContext, place: FieldPlace): Violation[] => {
  if (place.field.requires === null) return []
  const own = context.graph.clausesOf(place.type.name, place.field.name).map(({ anyOf }) => anyOf)
  const missing = inputsOf(context, place.type.name, place.field.name).filter(
    ({ anyOf }) => !carriesScopes(own, anyOf),
  )
  if (missing.length === 0) return []
  const wanted = [...new Set(missing.map(({ anyOf }) => `@requiresScope(scope: ${writeScopes(anyOf)})`))]
  return [
    {
      ...graded('INPUT_SCOPES_MISSING'),
      ...at(place),
      message: `it is computed from ${[...new Set(missing.map(({ from }) => from))].join(', ')}, whose scopes it does not ask for`,
      remedy: `Add to ${place.coordinate}: ${wanted.join(' ')}`,
    },
  ]
}

interface Input {
  readonly anyOf: ScopeGroups
  readonly from: string
}

/** Everything the inputs of a coordinate ask, and their inputs, to any depth. */
const inputsOf = (context: RuleContext, type: string, field: string, seen = new Set<string>()): Input[] => {
  const coordinate = `${type}.${field}`
  if (seen.has(coordinate)) return []
  seen.add(coordinate)
  return selectedInputs(context, type, field).flatMap((input) => [
    ...context.graph
      .clausesOf(input.type, input.field)
      .map(({ anyOf }) => ({ anyOf, from: `${input.type}.${input.field}` })),
    ...inputsOf(context, input.type, input.field, seen),
  ])
}

const selectedInputs = (
  { graph }: RuleContext,
  type: string,
  field: string,
): ReturnType<typeof selectedFields> =>
  (graph.fieldsOf(type).get(field) ?? []).flatMap(({ field: view }) =>
    view.requires === null ? [] : selectedFields(graph, type, view.requires),
  )

const foreignInputs = (context: RuleContext, place: FieldPlace): Violation[] => {
  const { graph } = context
  const foreign = (
    place.field.requires === null ? [] : selectedFields(graph, place.type.name, place.field.requires)
  ).filter(
    (input) =>
      graph.clausesOf(input.type, input.field).length + inputsOf(context, input.type, input.field).length >
        0 &&
      input.through.some((step) =>
        graph
          .possibleTypes(graph.namedTypeOf(step.type, step.field) ?? '')
          .some((name) => graph.subjects.has(name)),
      ),
  )
  if (foreign.length === 0) return []
  return [
    {
      ...graded('INPUT_OF_ANOTHER_PERSON'),
      ...at(place),
      message: `its @requires reads ${[...new Set(foreign.map(({ type, field }) => `${type}.${field}`))].join(', ')} of another person, who would not be asked`,
      remedy:
        'Require unprotected fields only, or compute the value in the subgraph of that person and protect it there.',
    },
  ]
}

const contextInputs = ({ graph }: RuleContext, place: FieldPlace): Violation[] =>
  place.field.usesContext && graph.subjects.size > 0
    ? [
        {
          ...graded('CONTEXT_UNSUPPORTED'),
          ...at(place),
          message:
            '@fromContext takes a value from an outer object, and whose value that is cannot be proved in a graph with personal data',
          remedy: 'Pass the value as an argument, or use @requires on the type that has it.',
        },
      ]
    : []
