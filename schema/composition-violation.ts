import type { GraphQLError } from 'graphql'
import type { RuleContext } from './rule-context.ts'
import { fieldPlaces, typePlaces } from './rule-places.ts'
import type { ComposerCode, Violation } from './violation.ts'
import { graded } from './violation-catalogue.ts'

interface Origin {
  readonly name: string
  readonly file?: string
}

interface Place {
  readonly subgraph: string
  readonly coordinate: string
  readonly line: number | null
}

/** A composition error, with the subgraph, coordinate and line it is about as far as the error lets us know. */
export const compositionViolation = (
  error: GraphQLError,
  context: RuleContext,
  origins: readonly Origin[],
): Violation => {
  const places = placesOf(context)
  const subgraph = subgraphOf(error, context, origins)
  const line = error.locations?.[0]?.line ?? null
  const named = namedIn(error.message, places)
  const here = places.filter(
    (place) => place.coordinate === named && (subgraph === null || place.subgraph === subgraph),
  )
  return {
    ...graded('COMPOSITION_FAILED'),
    ...composerCode(error),
    subgraph: subgraph ?? here[0]?.subgraph ?? null,
    coordinate: named ?? enclosing(places, subgraph, line),
    line: line ?? here[0]?.line ?? null,
    message: error.message.replace(/^\[[^\]]+\] /, ''),
    remedy:
      'Change the schema so that it composes; the code is explained in the Apollo Federation error reference.',
  }
}

const composerCode = ({ extensions: { code } }: GraphQLError): Partial<Pick<Violation, 'code'>> =>
  typeof code === 'string' ? { code: code as ComposerCode } : {}

/** The last type or field that begins at or before a line. */
const enclosing = (places: readonly Place[], subgraph: string | null, line: number | null): string | null => {
  if (line === null) return null
  const before = places.filter((place) => place.subgraph === subgraph && (place.line ?? Infinity) <= line)
  return before.at(-1)?.coordinate ?? null
}

/** In order of line, types before their fields. */
const placesOf = (context: RuleContext): Place[] => {
  const types = typePlaces(context).map(({ subgraph, type }) => ({
    subgraph: subgraph.name,
    coordinate: type.name,
    line: type.line,
  }))
  const fields = fieldPlaces(context).map(({ subgraph, field, coordinate }) => ({
    subgraph: subgraph.name,
    coordinate,
    line: field.line,
  }))
  return [...types, ...fields].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

const subgraphOf = (
  error: GraphQLError,
  { subgraphs }: RuleContext,
  origins: readonly Origin[],
): string | null => {
  const names = new Set(subgraphs.map(({ name }) => name))
  const mentioned = [...error.message.matchAll(/subgraphs? "([^"]+)"/g)].map(([, name]) => name)
  const source = origins.find(({ name, file }) => (file ?? name) === error.source?.name)?.name
  return (
    [error.extensions['subgraphName'], source, ...mentioned].find(
      (name): name is string => typeof name === 'string' && names.has(name),
    ) ?? null
  )
}

const namedIn = (message: string, places: readonly Place[]): string | null => {
  const coordinates = new Set(places.map(({ coordinate }) => coordinate))
  const quoted = [...message.matchAll(/"@?([A-Za-z_]\w*(?:\.\w+)?)(?:\([^"]*\))?"/g)].flatMap(
    ([, name]) => name ?? [],
  )
  return (
    quoted.find((name) => name.includes('.') && coordinates.has(name)) ??
    quoted.find((name) => coordinates.has(name)) ??
    null
  )
}
