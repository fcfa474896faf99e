import type { RuleContext } from '../rule-context.ts'
import { at, type FieldPlace, fieldPlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A protected field stands on a subject type, or on a value type reachable only through subject types; anything else
 * could be asked for without saying whose it is (design, "Whose data").
 * All subgraphs are looked at together: a path through one of them is a path.
 */
export const protectedFieldHasOneSubject = (context: RuleContext): Violation[] =>
  fieldPlaces(context).flatMap((place) => [
    ...withoutSubject(context, place),
    ...undeclaredSubject(context, place),
  ])

const withoutSubject = ({ graph, subgraphs }: RuleContext, place: FieldPlace): Violation[] => {
  const { type, field } = place
  if (graph.subjects.has(type.name) || graph.personal.has(type.name)) return []
  const clauses = type.kind === 'object' ? graph.clausesOf(type.name, field.name) : []
  if (clauses.length === 0) return rootInputs(subgraphs, place)
  const why = graph.open.get(type.name) ?? 'nothing reaches it'
  return [
    {
      ...graded('PROTECTED_WITHOUT_SUBJECT'),
      ...at(place),
      message: `it is protected, but ${type.name} belongs to no one person: ${why}`,
      remedy: remedyFor(place, graph.entities.has(type.name)),
    },
  ]
}

const remedyFor = ({ type, subgraph }: FieldPlace, isEntity: boolean): string => {
  if (subgraph.roots.has(type.name))
    return 'Return a type with @dataSubject from the root field, and put the protected field on that type.'
  return isEntity
    ? `Mark ${type.name} with @dataSubject(key:) if it belongs to one person, or move the field to the type that does.`
    : `Reach ${type.name} only through types with @dataSubject, or mark it as one with @dataSubject(key:).`
}

/** A filter over a protected value tells the value ("is there someone with this one?"), so a reading root takes none. */
const rootInputs = (subgraphs: RuleContext['subgraphs'], place: FieldPlace): Violation[] => {
  const root = place.subgraph.roots.get(place.type.name)
  if (root === undefined || root === 'Mutation') return []
  return place.field.arguments
    .filter(({ named }) => takesProtected(subgraphs, named, new Set()))
    .map(({ name }) => ({
      ...graded('PROTECTED_ROOT_INPUT'),
      ...at(place),
      message: `its argument "${name}" takes a protected value, so an answer would tell whether somebody has it`,
      remedy:
        'Take a type without @requiresScope, or look people up inside a service that knows the caller’s grant.',
    }))
}

const takesProtected = (subgraphs: RuleContext['subgraphs'], named: string, seen: Set<string>): boolean => {
  if (seen.has(named)) return false
  seen.add(named)
  return subgraphs.some(({ types }) => {
    const type = types.get(named)
    if (type === undefined) return false
    return type.requirements.length > 0 || type.inputs.some((inner) => takesProtected(subgraphs, inner, seen))
  })
}

/** A subgraph checks grants by its own schema, so where it guards a person's field it must say whose the type is. */
const undeclaredSubject = (context: RuleContext, place: FieldPlace): Violation[] => {
  const { subgraph, type, field } = place
  if (field.requirements.length === 0 || !context.graph.subjects.has(type.name) || type.kind !== 'object')
    return []
  const declares = [type.name, ...type.interfaces].some(
    (name) => typeof subgraph.types.get(name)?.subjectKey === 'string',
  )
  if (declares) return []
  return [
    {
      ...graded('SUBJECT_NOT_DECLARED'),
      ...at(place),
      message: `it is protected here, but only another subgraph says that ${type.name} belongs to a person, so this one cannot check grants`,
      remedy: `Add @dataSubject(key: ${JSON.stringify(context.graph.subjects.get(type.name))}) to ${type.name} in this subgraph.`,
    },
  ]
}
