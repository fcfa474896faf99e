import type { Standing } from '../../standing/standing.ts'
import type { FeatureDefinition } from '../definitions/feature-definition.ts'
import { fitsType } from '../definitions/read-source.ts'
import type { FeatureKey, TracedRow } from '../store.ts'
import type { FeatureEvent } from './event-source.ts'
import { type EventDefinition, type FeatureState, lineageOf, type Used, valueAt } from './feature-state.ts'

/** A yes that is in force, with the receipt that says so. */
export type Yes = Standing & { readonly receipt: string }

export const isYes = (standing: Standing, now: number): standing is Yes =>
  standing.granted && standing.receipt !== null && (standing.expiresAt === null || standing.expiresAt > now)

/**
 * An event counts when it is alive itself, or rests on a contract; then what is computed of it rests on the yes to the
 * computing, from the moment on from which that yes counts.
 */
export const usable = (events: readonly FeatureEvent[], { cut, basis }: Yes): readonly Used[] =>
  events.flatMap((event) => {
    const revision = event.consentRevision ?? basis
    return BigInt(revision) > BigInt(cut) ? [{ event, revision }] : []
  })

interface OfEvents {
  readonly state: FeatureState | undefined
  readonly yes: Yes
  readonly now: number
}

/** Null when there is nothing in the window. */
export function rowOfEvents(
  definition: EventDefinition,
  { pid }: FeatureKey,
  { state, yes, now }: OfEvents,
): TracedRow | null {
  const computed = state && valueAt(definition, state, now)
  if (!computed) return null
  const { value, partial, dueAt } = computed
  const revision = BigInt(state.revision) < BigInt(yes.basis) ? state.revision : yes.basis
  return {
    ...headOf(definition, { pid, yes, now }),
    value,
    consentRevision: revision,
    dueAt,
    lineage: lineageOf(yes.receipt, partial),
  }
}

interface OfProfile {
  readonly told: ReadonlyMap<string, unknown> | undefined
  readonly yes: Yes
  readonly now: number
}

/** Null when nothing was told, or something that is not of the type. */
export function rowOfProfile(
  definition: FeatureDefinition,
  { pid }: FeatureKey,
  { told, yes, now }: OfProfile,
): TracedRow | null {
  const { source, type } = definition
  const value = source.kind === 'profile' ? told?.get(source.attribute) : undefined
  if (!fitsType(value, type)) return null
  return {
    ...headOf(definition, { pid, yes, now }),
    value,
    consentRevision: yes.basis,
    // Who tells of changes may be missed: as old as it may be, and no older, it is looked up again.
    dueAt: now + definition.freshness.ms,
    lineage: lineageOf(yes.receipt, null),
  }
}

const headOf = (
  { name, scope, ttl }: FeatureDefinition,
  { pid, yes, now }: { readonly pid: string; readonly yes: Yes; readonly now: number },
): Pick<TracedRow, 'pid' | 'scope' | 'feature' | 'consentId' | 'computedAt' | 'expiresAt'> => ({
  pid,
  scope,
  feature: name,
  consentId: yes.receipt,
  computedAt: now,
  expiresAt: now + ttl.ms,
})
