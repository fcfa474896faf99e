import type { Clause, Protection, ProtectionMap } from '../../protection.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { implies, type Requirement, requirementText } from '../implied.ts'
import { at } from '../places.ts'
import type { Told } from '../tell.ts'

/**
 * "It shall be as easy to withdraw as to give consent" (GDPR Art. 7(3)), and harder to do without: what head asks of a
 * person must imply what base asked. Told where the requirement is written: once for a type, whatever its fields.
 */
export const scopes: Check = (context) => {
  const { base, head } = context
  if (base.graph === null || head.graph === null || base.graph === head.graph) return []
  const [before, after] = [base.graph.protection, head.graph.protection]
  const written = { before: bySource(before), after: bySource(after) }
  const places = new Map<string, Set<string>>()
  for (const coordinate of new Set([...before.protections.keys(), ...after.protections.keys()])) {
    if (!isInBoth(context, coordinate)) continue
    for (const place of changedPlaces(coordinate, { before, after }, written))
      places.set(place, (places.get(place) ?? new Set()).add(coordinate))
  }
  return [
    ...[...places].flatMap(([place, touched]) => toldAt(context, { place, touched, written })),
    ...anonymous(context, before, after),
  ]
}

type Sources = ReadonlyMap<string, ReadonlyMap<string, Clause>>

interface Written {
  readonly before: Sources
  readonly after: Sources
}

/** Clauses by where they are written. */
const bySource = ({ protections }: ProtectionMap): Sources => {
  const found = new Map<string, Map<string, Clause>>()
  for (const { clauses } of protections.values())
    for (const clause of clauses) {
      const here = found.get(clause.from) ?? new Map<string, Clause>()
      found.set(clause.from, here.set(JSON.stringify(clause.anyOf), clause))
    }
  return found
}

const isInBoth = ({ base, head }: CheckContext, coordinate: string): boolean => {
  const [type = '', field = ''] = coordinate.split('.')
  return [base, head].every(({ graph }) => graph?.supergraph.types.get(type)?.fields.has(field) ?? false)
}

const asked = (protection: Protection | undefined): Requirement =>
  (protection?.clauses ?? []).map(({ anyOf }) => anyOf)

const changedPlaces = (
  coordinate: string,
  { before, after }: { readonly before: ProtectionMap; readonly after: ProtectionMap },
  written: Written,
): readonly string[] => {
  const [one, other] = [before.protections.get(coordinate), after.protections.get(coordinate)]
  const lost = (one?.clauses ?? []).filter(({ anyOf }) => !implies(asked(other), [anyOf]))
  const gained = (other?.clauses ?? []).filter(({ anyOf }) => !implies(asked(one), [anyOf]))
  const places = [...lost, ...gained].map(({ from }) => (isRewritten(from, written) ? from : coordinate))
  return [...new Set(places)]
}

const isRewritten = (from: string, { before, after }: Written): boolean =>
  [...(before.get(from)?.keys() ?? [])].toSorted().join() !==
  [...(after.get(from)?.keys() ?? [])].toSorted().join()

interface Changed {
  readonly place: string
  readonly touched: ReadonlySet<string>
  readonly written: Written
}

const toldAt = (context: CheckContext, { place, touched, written }: Changed): Told[] => {
  const isOwn = touched.has(place)
  const [before, after] = [context.base, context.head].map(({ graph }, index): Requirement =>
    isOwn
      ? asked(graph?.protection.protections.get(place))
      : [...((index === 0 ? written.before : written.after).get(place)?.values() ?? [])].map(
          ({ anyOf }) => anyOf,
        ),
  ) as [Requirement, Requirement]
  const code = codeOf(before, after)
  if (code === null) return []
  const others = [...touched].filter((one) => one !== place)
  return [
    {
      ...at(context, place),
      code,
      before: requirementText(before),
      after: requirementText(after),
      ...(others.length === 0 ? {} : { detail: `It holds for ${listed(others)}.` }),
    },
  ]
}

const codeOf = (before: Requirement, after: Requirement): Told['code'] | null => {
  const [isKept, isNew] = [implies(after, before), !implies(before, after)]
  if (isKept) return isNew ? (before.length === 0 ? 'SCOPE_ADDED' : 'SCOPE_TIGHTENED') : null
  if (after.length === 0) return 'SCOPE_REMOVED'
  return isNew ? 'SCOPE_CHANGED' : 'SCOPE_LOOSENED'
}

const MOST_LISTED = 8

const listed = (names: readonly string[]): string =>
  names.length <= MOST_LISTED
    ? names.join(', ')
    : `${names.slice(0, MOST_LISTED).join(', ')} and ${names.length - MOST_LISTED} more`

const anonymous = (context: CheckContext, before: ProtectionMap, after: ProtectionMap): Told[] =>
  [...before.protections.values()].flatMap(({ coordinate, otherwise }) => {
    const other = after.protections.get(coordinate)?.otherwise
    if (other === undefined || other === otherwise) return []
    const code = other === 'ANONYMOUS' ? 'ANONYMOUS_ADDED' : 'ANONYMOUS_REMOVED'
    return [{ ...at(context, coordinate), code, before: otherwise, after: other }]
  })
