import { createHash } from 'node:crypto'
import type { Attribute, Rule } from './registry.ts'

/** What one system said of one attribute of a person, once. Immutable; what it says later is another one. */
export interface ProfileWrite {
  readonly pid: string
  readonly attribute: string
  readonly system: string
  /** The system's own count of what it said of this: a later word has a greater one. */
  readonly version: number
  /** When it was said by the clock of the system, in milliseconds since the epoch. */
  readonly at: number
  /** Whether the person has confirmed it to the system. */
  readonly confirmed: boolean
  /** Tokens in place of what names somebody; null: the system has none any more. */
  readonly value: ProfileValue | null
}

export type ProfileValue = string | number | readonly string[]

/** Of one attribute of one person: what holds, and everything that was said and does not, each with the rule that decided. */
export interface SettledAttribute {
  readonly holds: ProfileWrite | null
  /** In the order of their keys. */
  readonly lost: readonly LostWrite[]
}

export interface LostWrite {
  readonly write: ProfileWrite
  readonly rule: DecidingRule
  /** What it lost to: a later word of its own system, or the word of another one. */
  readonly to: ProfileWrite
}

export type DecidingRule = Rule['name'] | 'own version' | 'own time' | 'own digest'

/**
 * Shared attributes have precedence and overwrite rules, and any order in which writes come gives the same: what holds
 * depends on which writes there are and on nothing else, least of all on when they were heard.
 *
 * A system first supersedes itself, by its own versions; then the last words of the systems are held against each other.
 * Without the first step a system could never take back what it said: by `present` its old value would win over none.
 */
export function settle(
  writes: readonly ProfileWrite[],
  { precedence, values }: Pick<Attribute, 'precedence' | 'values'>,
): SettledAttribute {
  const last = new Map<string, ProfileWrite>()
  for (const write of writes) {
    const other = last.get(write.system)
    if (other === undefined || ownOrder(other, write).sign < 0) last.set(write.system, write)
  }
  const order = (a: ProfileWrite, b: ProfileWrite): Comparison => byRules(a, b, { precedence, values })
  const [holds = null] = [...last.values()].toSorted((a, b) => order(b, a).sign)
  if (holds === null) return { holds, lost: [] }
  const lost = new Map<string, LostWrite>()
  for (const write of writes) {
    if (writeKey(write) === writeKey(holds)) continue
    const ownLast = last.get(write.system) ?? holds
    const isOwnLast = writeKey(ownLast) === writeKey(write)
    const to = isOwnLast ? holds : ownLast
    const { rule } = isOwnLast ? order(to, write) : ownOrder(to, write)
    lost.set(writeKey(write), { write, rule, to })
  }
  return { holds, lost: [...lost].toSorted(([a], [b]) => inBytes(a, b)).map(([, one]) => one) }
}

/** The same for the same write, however often and wherever it is heard, also under another pid of the person. */
export function writeKey({ attribute, system, version, at, confirmed, value }: ProfileWrite): string {
  const said = JSON.stringify([attribute, system, version, at, confirmed, value])
  return createHash('sha256').update(said).digest('base64url')
}

interface Comparison {
  readonly sign: number
  readonly rule: DecidingRule
}

/** A restored backup may count the same version twice, and two of its words have one time: even then one is the later. */
function ownOrder(a: ProfileWrite, b: ProfileWrite): Comparison {
  if (a.version !== b.version) return { sign: a.version - b.version, rule: 'own version' }
  if (a.at !== b.at) return { sign: a.at - b.at, rule: 'own time' }
  return { sign: inBytes(writeKey(a), writeKey(b)), rule: 'own digest' }
}

type Rules = Pick<Attribute, 'precedence' | 'values'>

function byRules(a: ProfileWrite, b: ProfileWrite, { precedence, values }: Rules): Comparison {
  for (const rule of precedence) {
    const sign = rankOf(a, rule, values) - rankOf(b, rule, values)
    if (sign !== 0) return { sign, rule: rule.name }
  }
  // Only systems that may not write any more come here: what they said stays, behind all others.
  return { sign: inBytes(b.system, a.system), rule: 'system' }
}

/** Each rule is a number a write has by itself, so that together they are an order: no two clocks within a tolerance. */
function rankOf(
  { value, confirmed, at, system }: ProfileWrite,
  rule: Rule,
  values: readonly string[],
): number {
  switch (rule.name) {
    case 'present':
      return value === null ? 0 : 1
    case 'confirmed':
      return confirmed ? 1 : 0
    case 'furthest':
      return typeof value === 'string' ? values.indexOf(value) : -1
    case 'newest':
      return at
    case 'system':
      return -placeIn(rule.order, system)
  }
}

const placeIn = (order: readonly string[], system: string): number => {
  const place = order.indexOf(system)
  return place === -1 ? order.length : place
}

const inBytes = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
