import type { Evidence } from './graph/decision.ts'
import type { Draft } from './import-draft.ts'
import type { Kept, Known } from './import-known.ts'
import { MOST_HOLDERS, type Traits, arePossiblyOne, evidenceOf } from './same-person.ts'

/** What a batch of records comes to. */
export interface ImportPlan {
  readonly drafts: readonly Draft[]
  /** Keys of those that were not there before. */
  readonly fresh: ReadonlySet<string>
  readonly joins: readonly Pair[]
  readonly matches: readonly Pair[]
  /** Decisions of the rule that a replaced record does not bear out any more. */
  readonly takenBack: readonly string[]
}

/** The record that came, and the one it was held against. */
export interface Pair {
  readonly key: string
  readonly other: string
  readonly evidence: readonly Evidence[]
}

/**
 * Decides one record after the other, from what came before it. It ends early where the people before it change: behind
 * a record that takes back a merge, and before one that the batch has already.
 */
export function planImport(drafts: readonly Draft[], known: Known): ImportPlan {
  const plan = {
    drafts: [] as Draft[],
    fresh: new Set<string>(),
    joins: [] as Pair[],
    matches: [] as Pair[],
    takenBack: [] as string[],
  }
  const seen = new Set<string>()
  for (const draft of drafts) {
    if (seen.has(draft.key)) break
    seen.add(draft.key)
    plan.drafts.push(draft)
    const owner = known.owners.get(draft.key)
    const found = peopleFor(draft, known)
    const others = found.filter(({ pid }) => pid !== owner)
    if (owner === undefined) {
      const [first, ...more] = others
      plan.fresh.add(draft.key)
      plan.joins.push(...(first?.pairs ?? []))
      plan.matches.push(...more.flatMap(({ pairs }) => pairs.slice(0, 1)))
      remember(draft, first?.pid ?? draft.record.seed, known)
      continue
    }
    plan.matches.push(...others.flatMap(({ pairs }) => pairs.slice(0, 1)))
    const kept = known.kept.get(draft.key)
    const lost = kept === undefined ? [] : lostMerges(draft, kept, known)
    remember(draft, owner, known)
    if (lost.length === 0) continue
    plan.takenBack.push(...lost)
    rejoin(
      found.find(({ pid }) => pid === owner),
      { kept, plan },
    )
    break
  }
  return plan
}

interface Found {
  readonly pid: string
  /** With each of their records that has one of the identifiers, the oldest for each; never empty. */
  readonly pairs: readonly Pair[]
}

/**
 * The people of whom a record with one of these identifiers is, and none of whose records speaks against this one. An
 * identifier held by more than `MOST_HOLDERS` people counts for nothing.
 */
function peopleFor({ key, traits, lookups }: Draft, known: Known): Found[] {
  const kinds = new Map<string, Map<string, Set<string>>>()
  for (const { kind, token } of lookups) {
    const carriers = (known.carriers.get(token) ?? []).filter((carrier) => carrier.key !== key)
    const oldest = new Map(carriers.toReversed().map((carrier) => [carrier.pid, carrier.key]))
    if (oldest.size > MOST_HOLDERS) continue
    for (const pid of new Set(carriers.map((carrier) => carrier.pid))) {
      const others = kinds.get(pid) ?? new Map<string, Set<string>>()
      const other = oldest.get(pid) ?? ''
      kinds.set(pid, others.set(other, (others.get(other) ?? new Set()).add(kind)))
    }
  }
  return [...kinds].flatMap(([pid, others]): Found[] => {
    const records = known.records.get(pid)
    if (records === undefined || !speaksNothingAgainst(key, traits, records)) return []
    const pairs = [...others].flatMap(([other, shared]): Pair[] => {
      const theirs = records.get(other)
      return theirs ? [{ key, other, evidence: evidenceOf([...shared], traits, theirs) }] : []
    })
    return pairs.length === 0 ? [] : [{ pid, pairs }]
  })
}

const speaksNothingAgainst = (
  key: string,
  draft: Traits,
  records: ReadonlyMap<string, Traits | null> | undefined,
): boolean =>
  records !== undefined &&
  [...records].every(([own, theirs]) => own === key || (theirs !== null && arePossiblyOne(draft, theirs)))

/** Merges by the rule whose two records have no identifier in common any more, or speak against one another. */
function lostMerges({ key, record, traits }: Draft, { joined }: Kept, known: Known): string[] {
  const person = known.records.get(known.owners.get(key) ?? '')
  const own = new Set(record.identifiers.map(({ token }) => token))
  return joined
    .filter(({ partner, tokens }) => {
      const other = person?.get(partner)
      return (
        ![...tokens].some((token) => own.has(token)) ||
        (other !== undefined && other !== null && !arePossiblyOne(traits, other))
      )
    })
    .map(({ decision }) => decision.decisionId)
}

/** Another record of the same person may speak for it as the lost one did. Somebody who was a person of their own is asked about. */
function rejoin(
  found: Found | undefined,
  { kept, plan }: { readonly kept: Kept | undefined; readonly plan: { joins: Pair[]; matches: Pair[] } },
): void {
  if (found === undefined || kept === undefined) return
  const joined = new Set(kept.joined.map(({ partner }) => partner))
  const fresh = found.pairs.filter(({ other }) => !joined.has(other))
  if (kept.node.wasPerson) plan.matches.push(...fresh.slice(0, 1))
  else plan.joins.push(...fresh)
}

/** What the rest of the batch has to know of this record. */
function remember({ key, record, traits }: Draft, pid: string, known: Known): void {
  known.owners.set(key, pid)
  const records = known.records.get(pid) ?? new Map<string, Traits | null>()
  known.records.set(pid, records.set(key, traits))
  for (const { token } of record.identifiers) {
    const carriers = known.carriers.get(token) ?? []
    if (!carriers.some((carrier) => carrier.key === key))
      known.carriers.set(token, [...carriers, { key, pid }])
  }
}
