import { ANONYMOUS } from '../../directives/grant.ts'
import type { FactValue } from './actions/action.ts'

/** A person as the gateway hands them over: whatever was not granted is not there. */
export interface Visitor {
  readonly pid: string
  readonly features?: HandedFeatures | null
  readonly reachableBy?: readonly string[] | null
}

interface HandedFeatures {
  readonly [field: string]: unknown
  readonly lineage?: Readonly<Record<string, Lineage | null>> | null
}

interface Lineage {
  readonly receipts?: readonly string[]
  readonly events?: { readonly newest?: readonly string[] }
}

/** What an answer was computed from, by name. */
export interface Because {
  readonly features: readonly string[]
  readonly events: readonly string[]
  readonly receipts: readonly string[]
}

export const isNobody = ({ pid }: Pick<Visitor, 'pid'>): boolean => pid === ANONYMOUS

/** Of nobody nothing was handed over, and nothing that was is taken for theirs. */
export function factOf(visitor: Visitor, field: string): FactValue | null {
  const value = isNobody(visitor) ? null : visitor.features?.[field]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

/** What such a feature names: one, or a list. */
export function wordsOf(visitor: Visitor, field: string): readonly string[] {
  const value = isNobody(visitor) ? null : visitor.features?.[field]
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
  const fact = factOf(visitor, field)
  return fact === null ? [] : [String(fact)]
}

/** In order, each once: the same answer has the same reasons. */
export function becauseOf(visitor: Visitor, fields: readonly string[]): Because {
  const used = fields.filter((field) => wordsOf(visitor, field).length > 0).toSorted()
  const lineages = used.flatMap((field) => visitor.features?.lineage?.[field] ?? [])
  return {
    features: used,
    events: distinct(lineages.flatMap(({ events }) => events?.newest ?? [])),
    receipts: distinct(lineages.flatMap(({ receipts }) => receipts ?? [])),
  }
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)].toSorted()
