import { selectedFields } from './field-selections.ts'
import type { RuleContext } from './rule-context.ts'
import { at, type FieldPlace, fieldPlaces } from './rule-places.ts'
import type { Violation } from './violation.ts'
import { graded } from './violation-catalogue.ts'

/**
 * A field that is computed from itself by way of others can be computed by nobody (`@requires`, Federation subgraph
 * specification: the fields of its field set are resolved first). Asked only where composition has found no end: what it
 * composes, it has found a way for. One violation for each circle.
 */
export const requiresCircles = (context: RuleContext): Violation[] => {
  const requiring = new Map<string, FieldPlace[]>()
  for (const place of fieldPlaces(context))
    if (place.field.requires !== null && !place.field.isExternal)
      requiring.set(place.coordinate, [...(requiring.get(place.coordinate) ?? []), place])
  const needs = new Map([...requiring].map(([coordinate, places]) => [coordinate, neededBy(places, context)]))
  const told = new Set<string>()
  return [...needs.keys()].flatMap((start) => {
    const circle = told.has(start) ? null : shortestCircle(start, needs)
    if (circle === null) return []
    for (const coordinate of circle) told.add(coordinate)
    const [first] = requiring.get(start) ?? []
    return first === undefined ? [] : [violation(first, circle, requiring)]
  })
}

const neededBy = (places: readonly FieldPlace[], { graph }: RuleContext): ReadonlySet<string> =>
  new Set(
    places.flatMap(({ type, field }) =>
      selectedFields(graph, type.name, field.requires ?? '').map((one) => `${one.type}.${one.field}`),
    ),
  )

/** From a field back to itself, breadth first; null when there is no way. */
const shortestCircle = (
  start: string,
  needs: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] | null => {
  const paths = [[start]]
  const seen = new Set<string>()
  for (const path of paths)
    for (const next of needs.get(path.at(-1) ?? '') ?? []) {
      if (next === start) return path
      if (seen.has(next)) continue
      seen.add(next)
      paths.push([...path, next])
    }
  return null
}

const violation = (
  first: FieldPlace,
  circle: readonly string[],
  requiring: ReadonlyMap<string, readonly FieldPlace[]>,
): Violation => {
  const steps = circle.map((coordinate, index) => {
    const subgraphs = (requiring.get(coordinate) ?? []).map(({ subgraph }) => subgraph.name)
    return `${coordinate} (in ${subgraphs.join(' and ')}) requires ${circle[index + 1] ?? circle[0] ?? ''}`
  })
  return {
    ...graded('REQUIRES_CIRCLE'),
    ...at(first),
    message: `it is computed from itself: ${steps.join(', ')}`,
    remedy:
      'Take one @requires out of the circle: resolve that field from what its own subgraph has, or both fields in one subgraph.',
  }
}
