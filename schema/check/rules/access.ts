import { type AccessClause, implies } from '../../../directives/caller-access.ts'
import { readAccess } from '../../access.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { at, typeOf } from '../places.ts'
import type { Told } from '../tell.ts'

/** What is asked of callers (`@authenticated`, `@requiresScopes`, `@policy`) must imply what was asked of them. */
export const access: Check = (context) => {
  const { base, head } = context
  if (base.graph === null || head.graph === null || base.graph === head.graph) return []
  const before = readAccess(base.graph.supergraph).map.rules
  const after = readAccess(head.graph.supergraph).map.rules
  const changed = [...new Set([...before.keys(), ...after.keys()])].flatMap((coordinate) => {
    const [one, other] = [before.get(coordinate) ?? [], after.get(coordinate) ?? []]
    const code = isInBoth(context, coordinate) ? codeOf(one, other) : null
    return code === null ? [] : [{ coordinate, code, before: textOf(one), after: textOf(other) }]
  })
  return byType(context, changed)
}

type Changed = Pick<Told, 'coordinate' | 'code'> & { readonly before: string; readonly after: string }

const isInBoth = ({ base, head }: CheckContext, coordinate: string): boolean => {
  const [type = '', field = ''] = coordinate.split('.')
  return [base, head].every(({ graph }) => graph?.supergraph.types.get(type)?.fields.has(field) ?? false)
}

const codeOf = (before: readonly AccessClause[], after: readonly AccessClause[]): Told['code'] | null => {
  const holds = (one: readonly AccessClause[], other: readonly AccessClause[]): boolean =>
    other.every((wanted) => one.some((clause) => implies(clause, wanted)))
  if (!holds(after, before)) return 'ACCESS_LOOSENED'
  return holds(before, after) ? null : 'ACCESS_TIGHTENED'
}

const textOf = (clauses: readonly AccessClause[]): string =>
  clauses
    .map((one) => ('anyOf' in one ? `@${one.word}(${JSON.stringify(one.anyOf)})` : `@${one.word}`))
    .toSorted()
    .join(' ')

/** What changed alike for every field of a type is said of the type. */
const byType = (context: CheckContext, changed: readonly Changed[]): Told[] => {
  const alike = new Map<string, Changed[]>()
  for (const one of changed) {
    const key = JSON.stringify([typeOf(one.coordinate), one.code, one.before, one.after])
    alike.set(key, [...(alike.get(key) ?? []), one])
  }
  return [...alike.values()].flatMap((group) => {
    const type = typeOf(group[0]?.coordinate ?? '')
    const size = context.head.graph?.supergraph.types.get(type)?.fields.size
    const told =
      group.length > 1 && group.length === size ? [{ ...group[0], coordinate: type } as Changed] : group
    return told.map((one) => ({ ...one, ...at(context, one.coordinate) }))
  })
}
