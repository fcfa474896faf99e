import { linksConsent } from '../../directives/link.ts'
import { consentLink } from '../../directives/specified.ts'
import { writeScopes } from '../carries-scopes.ts'
import type { RuleContext } from '../rule-context.ts'
import type { GraphClause } from '../rule-graph.ts'
import { at, type FieldPlace, fieldPlaces } from '../rule-places.ts'
import type { SubgraphDocument } from '../subgraph-document.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * Every subgraph that resolves a protected coordinate says so itself, and whose data it is: a subgraph checks grants for
 * what its own schema says (design, "Both sides check"), so what only another one says is answered unsigned to whoever
 * reaches its port. A warning, because the gateway protects the coordinate all the same.
 * What a field asks for its `@requires` inputs alone is not looked at: inputs are checked where they are resolved.
 */
export const eachSubgraphSaysItsProtection = (context: RuleContext): Violation[] =>
  fieldPlaces(context).flatMap((place) => {
    if (place.type.kind !== 'object' || place.field.isExternal) return []
    const clauses = context.graph.clausesOf(place.type.name, place.field.name)
    const people = clauses.length === 0 ? [] : peopleAbove(context, place.subgraph, place.type.name)
    if (people.length === 0) return []
    const said = clauses.filter((clause) => isSaidHere(place, clause))
    const undeclared = people.filter((type) => !declaresSubject(place.subgraph, type))
    if (said.length > 0 && (undeclared.length === 0 || isRefused(place, undeclared))) return []
    return [violation(context, place, { said, undeclared })]
  })

/**
 * The type itself when it is a person's, otherwise every person through whom this subgraph reaches this value type.
 * None for a type it only names, for example inside an `@external` field, and for what belongs to nobody, which is refused
 * by another rule.
 */
const peopleAbove = (
  { graph }: RuleContext,
  subgraph: SubgraphDocument,
  start: string,
): readonly string[] => {
  const people = new Set<string>()
  const seen = new Set<string>()
  const queue = graph.subjects.has(start) || graph.personal.has(start) ? [start] : []
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    if (seen.has(type)) continue
    seen.add(type)
    if (graph.subjects.has(type)) people.add(type)
    else queue.push(...ownersOf(subgraph, type))
  }
  return [...people]
}

const ownersOf = ({ types }: SubgraphDocument, type: string): string[] => {
  const names = [type, ...(types.get(type)?.interfaces ?? [])]
  return [...types.values()]
    .filter(({ kind }) => kind === 'object')
    .filter(({ fields }) =>
      [...fields.values()].some(
        ({ named, isExternal }) =>
          !isExternal && (names.includes(named) || types.get(named)?.members.includes(type) === true),
      ),
    )
    .map(({ name }) => name)
}

/** Whether this subgraph finds the clause, reading nothing but its own document. */
const isSaidHere = (place: FieldPlace, { subgraph, origin, from }: GraphClause): boolean =>
  subgraph === place.subgraph.name && (origin !== 'interface' || isInterfaceHere(place, from))

/** An interface asks of a field that it has, too; `from` is the interface or its field. */
const isInterfaceHere = ({ subgraph, type, field }: FieldPlace, from: string): boolean => {
  const name = typeOf(from)
  return type.interfaces.includes(name) && subgraph.types.get(name)?.fields.has(field.name) === true
}

const typeOf = (coordinate: string): string => coordinate.split('.', 1)[0] ?? coordinate

const declaresSubject = ({ types }: SubgraphDocument, type: string): boolean =>
  [type, ...(types.get(type)?.interfaces ?? [])].some(
    (name) => typeof types.get(name)?.subjectKey === 'string',
  )

/** A word on the person's own field without a subject is an error already. */
const isRefused = ({ type, field }: FieldPlace, undeclared: readonly string[]): boolean =>
  field.requirements.length > 0 && undeclared.includes(type.name)

interface Missing {
  readonly said: readonly GraphClause[]
  readonly undeclared: readonly string[]
}

const violation = (context: RuleContext, place: FieldPlace, missing: Missing): Violation => ({
  ...graded('PROTECTION_NOT_SAID_HERE'),
  ...at(place),
  message: consequence(missing),
  remedy: remedyFor(context, place, missing),
})

/** Without a subject an interface's words bind nobody, while all others refuse everybody: there is no one to be asked. */
const consequence = ({ said, undeclared }: Missing): string => {
  if (said.length === 0)
    return 'it is protected, but only other subgraphs say so, so this one answers it to whoever reaches its port, without a grant'
  const whose = `it is protected here, but only other subgraphs say that ${undeclared.join(' and ')} belongs to a person`
  return said.every(({ origin }) => origin === 'interface')
    ? `${whose}, so this one answers it to whoever reaches its port, without a grant`
    : `${whose}, so this one cannot check grants and refuses even the gateway`
}

const remedyFor = ({ graph }: RuleContext, place: FieldPlace, { said, undeclared }: Missing): string => {
  const words = new Map<string, Set<string>>()
  const add = (target: string, word: string): unknown =>
    words.set(target, new Set([...(words.get(target) ?? []), word]))
  if (!linksConsent(place.subgraph.document)) add('the schema', consentLink)
  for (const type of undeclared) add(type, `@dataSubject(key: ${JSON.stringify(graph.subjects.get(type))})`)
  if (said.length === 0) {
    const clauses = graph.clausesOf(place.type.name, place.field.name)
    for (const clause of clauses) add(targetOf(place, clause), wordFor(place, clause, clauses))
  }
  return `${[...words].map(([target, found]) => `Add to ${target}: ${[...found].join(' ')}`).join('; ')}.`
}

/** Where the other subgraph has it; on the field itself when this one does not have that interface. */
const targetOf = (place: FieldPlace, { origin, from }: GraphClause): string => {
  const isHere =
    origin === 'parent' ||
    (origin === 'return' && from === place.field.named) ||
    (origin === 'interface' && isInterfaceHere(place, from))
  return isHere ? from : place.coordinate
}

/** A default for nobody is one only while every word on the field says so. */
const wordFor = (place: FieldPlace, clause: GraphClause, clauses: readonly GraphClause[]): string => {
  const own = clauses.filter(({ origin }) => origin === 'own')
  const hasDefault = own.length > 0 && own.every(({ otherwise }) => otherwise === 'ANONYMOUS')
  const otherwise = hasDefault && targetOf(place, clause) === place.coordinate ? ', otherwise: ANONYMOUS' : ''
  return `@requiresScope(scope: ${writeScopes(clause.anyOf)}${otherwise})`
}
