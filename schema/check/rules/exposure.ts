import type { GraphQLSchema } from 'graphql'
import type { Check, CheckContext } from '../check-context.ts'
import { at } from '../places.ts'
import type { Told } from '../tell.ts'
import { type Step, stepsFrom } from '../ways.ts'

/**
 * A path that did not exist is a use nobody was told of (GDPR Art. 5(1)(b)): each field that leads straight to a person
 * and can be reached from a root is held against those that could. People who are new as a whole are no new path.
 */
export const exposure: Check = (context) => {
  const { base, head } = context
  if (base.graph === null || head.graph === null || base.graph === head.graph) return []
  const people = new Set(
    [...head.graph.protection.subjects.keys()].filter((type) => base.graph?.protection.subjects.has(type)),
  )
  const [before, after] = [waysTo(base.graph.schema, people), waysTo(head.graph.schema, people)]
  const told = [...after].filter(([key]) => !before.has(key)).map(([, way]) => toldOf(context, way))
  const places = new Map(told.map((one) => [JSON.stringify([one.coordinate, one.after]), one]))
  return [...places.values()]
}

interface Way {
  /** Coordinates from the root. */
  readonly path: readonly Step[]
  readonly person: string
}

/** One shortest way for each field and person, by `Type.field → Person`. */
const waysTo = (schema: GraphQLSchema, people: ReadonlySet<string>): Map<string, Way> => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const ways = new Map<string, Way>()
  const queue = roots.flatMap((root) => (root ? [{ type: root.name, path: [] as readonly Step[] }] : []))
  const seen = new Set(queue.map(({ type }) => type))
  for (const { type, path } of queue)
    for (const step of stepsFrom(schema, type)) {
      const way = [...path, step]
      if (people.has(step.to)) keep(ways, `${step.coordinate} → ${step.to}`, { path: way, person: step.to })
      if (seen.has(step.to)) continue
      seen.add(step.to)
      queue.push({ type: step.to, path: way })
    }
  return ways
}

const keep = (ways: Map<string, Way>, key: string, way: Way): void => {
  if (!ways.has(key)) ways.set(key, way)
}

/** Told at the first step of the way that was not there; where all fields were, at what became a member. */
const toldOf = (context: CheckContext, { path, person }: Way): Told => {
  const schema = context.base.graph?.schema
  const first = path.find(({ coordinate, declaredAs, to }) => {
    const steps = schema === undefined ? [] : stepsFrom(schema, coordinate.split('.')[0] ?? '')
    return !steps.some(
      (one) => one.coordinate === coordinate && one.to === to && one.declaredAs === declaredAs,
    )
  })
  const wasThere = context.base.declared.has(first?.coordinate ?? '')
  const isMember = wasThere && first !== undefined && first.declaredAs !== first.to
  const coordinate = isMember ? first.to : (first?.coordinate ?? person)
  return {
    ...at(context, coordinate),
    // Who answers for the person is asked, and not who opens the way.
    ...ownerOnly(at(context, person).owner),
    code: 'NEW_PATH_TO_PERSON',
    after: `${path.map((step) => step.coordinate).join(' → ')} → ${person}`,
  }
}

const ownerOnly = (owner: string | undefined): { owner?: string } => (owner === undefined ? {} : { owner })
