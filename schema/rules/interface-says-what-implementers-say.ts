import { carriesScopes, writeScopes } from '../carries-scopes.ts'
import type { RuleContext } from '../rule-context.ts'
import type { GraphClause } from '../rule-graph.ts'
import { at, type FieldPlace, fieldPlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * An interface field asks for what the same field of every person behind it asks: who selects through the interface reads
 * the same data (CVE-2025-64173). What an interface asks is inherited by implementing subject types (CVE-2025-64530);
 * implementers that are nobody's data stay open, which is said aloud as a warning.
 */
export const interfaceSaysWhatImplementersSay = (context: RuleContext): Violation[] => {
  const seen = new Set<string>()
  return fieldPlaces(context).flatMap((place) => {
    const isInterface = place.type.kind === 'interface' || place.type.isInterfaceObject
    if (!isInterface || seen.has(place.coordinate)) return []
    seen.add(place.coordinate)
    const said = interfaceClauses(context, place)
    return context.graph
      .possibleTypes(place.type.name)
      .flatMap((implementer) => [
        ...unsaid(context, place, implementer, said),
        ...unfenced(context, place, implementer, said),
      ])
  })
}

const unsaid = (
  context: RuleContext,
  place: FieldPlace,
  implementer: string,
  said: readonly GraphClause[],
): Violation[] => {
  const missing = context.graph
    .clausesOf(implementer, place.field.name)
    .filter((clause) => clause.origin !== 'interface')
    .filter(
      (clause) =>
        !carriesScopes(
          said.map(({ anyOf }) => anyOf),
          clause.anyOf,
        ),
    )
  if (missing.length === 0) return []
  return [
    {
      ...graded('INTERFACE_SAYS_LESS'),
      ...at(place),
      message: `${implementer}.${place.field.name} asks for scopes that the interface field does not`,
      remedy: `Add to ${place.coordinate}: ${[...new Set(missing.map(({ anyOf }) => `@requiresScope(scope: ${writeScopes(anyOf)})`))].join(' ')}`,
    },
  ]
}

const unfenced = (
  context: RuleContext,
  place: FieldPlace,
  implementer: string,
  said: readonly GraphClause[],
): Violation[] => {
  const { subjects, personal } = context.graph
  const own = context.graph.clausesOf(implementer, place.field.name)
  if (said.length === 0 || own.length > 0 || subjects.has(implementer) || personal.has(implementer)) return []
  const declared = context.graph.fieldsOf(implementer).get(place.field.name)?.[0]
  return [
    {
      ...graded('INTERFACE_IMPLEMENTER_OPEN'),
      subgraph: declared?.subgraph ?? place.subgraph.name,
      coordinate: `${implementer}.${place.field.name}`,
      line: declared?.field.line ?? null,
      message: `${place.coordinate} asks for scopes, but ${implementer} belongs to no person, so its field is answered without asking`,
      remedy: `If ${implementer} is a person's data, mark it with @dataSubject(key:); if not, nothing needs to be done.`,
    },
  ]
}

/** What the interface itself asks for its field, in any subgraph; an implementer's exempt keys are exempt here too. */
const interfaceClauses = ({ graph }: RuleContext, { type, field }: FieldPlace): readonly GraphClause[] =>
  graph.clausesOf(type.name, field.name)
