import { isObjectType } from 'graphql'
import { personalTypes } from '../../personal-types.ts'
import { namedType } from '../../supergraph.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { saysPersonal } from '../compare-terms.ts'
import { looksPersonal } from '../looks-personal.ts'
import { at, contractAt } from '../places.ts'
import type { Graph, Side } from '../side.ts'
import type { Told } from '../tell.ts'
import { isProtected, openWaysOf, type Step, stepsFrom, type Ways, waysOf } from '../ways.ts'

/**
 * A value without a person of its own is protected by the ways that lead to it: a protected field, or the person around it.
 * One way past them is a use nobody was told of (GDPR Art. 5(1)(b) and (f)), though nothing that was there has changed.
 */
export const openWays: Check = (context) => {
  const { base, head } = context
  if (base.graph === null || head.graph === null || base.graph === head.graph) return []
  const [before, after] = [base.graph, head.graph]
  const past = opened(before, after, openWaysOf).map((one) => toldOf(context, one, 'NEW_OPEN_PATH'))
  const personal = personalTypes(before.supergraph, before.protection.subjects)
  const around = opened(before, after, pastPeople)
    .map((one) => ({ ...one, types: one.types.filter((type) => personal.has(type) && tells(head, type)) }))
    .filter(({ types }) => types.length > 0)
    .map((one) => toldOf(context, one, 'NEW_PATH_TO_PERSON'))
  const known = new Set(past.map(({ coordinate }) => coordinate))
  return [...past, ...around.filter(({ coordinate }) => !known.has(coordinate))]
}

interface Opened {
  /** The step that was not there. */
  readonly step: Step
  readonly path: readonly Step[]
  /** What it opens, the nearest first. */
  readonly types: string[]
  /** How the nearest was reached before. */
  readonly former: readonly Step[]
}

const pastPeople = ({ schema, protection }: Graph): Ways =>
  waysOf(schema, (step) => !protection.subjects.has(ownerOf(step)))

/** Object types that such ways lead to now, and did not before though other ways did; by the step that opens them. */
const opened = (before: Graph, after: Graph, ways: (graph: Graph) => Ways): Opened[] => {
  const [open, known] = [ways(before), waysOf(before.schema, () => true)]
  const found = new Map<string, Opened>()
  for (const [type, path] of ways(after)) {
    const former = known.get(type)
    if (former === undefined || open.has(type) || after.protection.subjects.has(type)) continue
    // Where every step was there, its own change is told by what changed it.
    const step = path.find((one) => !isIn(before, one))
    if (step === undefined) continue
    const key = `${step.coordinate} ${step.to}`
    const one = found.get(key) ?? { step, path, types: [], former }
    one.types.push(type)
    found.set(key, one)
  }
  return [...found.values()]
}

const isIn = ({ schema }: Graph, { coordinate, to }: Step): boolean =>
  stepsFrom(schema, ownerOf({ coordinate })).some((one) => one.coordinate === coordinate && one.to === to)

const ownerOf = ({ coordinate }: Pick<Step, 'coordinate'>): string => coordinate.split('.')[0] ?? ''

/** Whether a value says something of a person: what is classified so, or looks so. */
const tells = (side: Side, type: string): boolean => {
  const object = side.graph?.schema.getType(type)
  return (
    isObjectType(object) &&
    Object.keys(object.getFields()).some((field) => {
      const coordinate = `${type}.${field}`
      const classification = contractAt(side, coordinate)?.classification ?? null
      if (classification !== null) return saysPersonal(classification)
      const [declared] = side.declared.get(coordinate) ?? []
      return (
        declared?.type != null &&
        looksPersonal({
          type,
          field,
          named: namedType(declared.type),
          description: declared.description,
          isPersons: true,
        }) !== null
      )
    })
  )
}

const toldOf = (
  context: CheckContext,
  { step, path, types, former }: Opened,
  code: 'NEW_OPEN_PATH' | 'NEW_PATH_TO_PERSON',
): Told => {
  const [type = ''] = types
  const isMember = context.base.declared.has(step.coordinate)
  const { graph } = context.base
  const guard = former.find(({ coordinate }) => graph !== null && isProtected(graph, coordinate))
  // Who answers for what was in the way is asked, and not who opens another one.
  const owner = [guard?.coordinate, former.at(-1)?.coordinate, type]
    .flatMap((coordinate) => (coordinate === undefined ? [] : [at(context, coordinate).owner]))
    .find((one) => one !== undefined)
  const { source } = at(context, isMember ? step.to : step.coordinate)
  return {
    coordinate: isMember ? step.to : step.coordinate,
    ...(source === undefined ? {} : { source }),
    ...(owner === undefined ? {} : { owner }),
    code,
    before: shown(former, type),
    after: shown(path, path.at(-1)?.to ?? type),
    ...(types.length > 1 ? { detail: `It opens ${types.join(', ')}.` } : {}),
  }
}

const shown = (path: readonly Step[], type: string): string =>
  [...path.map(({ coordinate }) => coordinate), type].join(' → ')
