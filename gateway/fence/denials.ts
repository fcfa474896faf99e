import type { AccessClause } from '../../directives/caller-access.ts'
import type { AccessMap } from '../../schema/access.ts'
import type { Caller, PolicySource } from '../ports.ts'

/** What one caller may not read, whoever it is about: fields of concrete types. */
export interface Denials {
  /** The same for the same coordinates; empty where nothing is denied. */
  readonly key: string
  readonly coordinates: ReadonlySet<string>
}

export interface DenialsOf {
  /** At once where the graph asks no policies. */
  (caller: Caller): Denials | Promise<Denials>
}

const NOTHING_DENIED: Denials = { key: '', coordinates: new Set() }

/**
 * `@authenticated`, `@requiresScopes` and `@policy`, decided per caller and before planning. Callers who differ in nothing
 * that the graph asks for share the answer. A policy that cannot be answered does not hold.
 */
export const createDenialsOf = (access: AccessMap, policies: PolicySource = CONTRACT_POLICIES): DenialsOf => {
  if (access.rules.size === 0) return () => NOTHING_DENIED
  const known = new Map<string, Denials>()
  const keys = new Map<string, string>()
  const denialsFor = (standing: Standing): Denials => {
    const key = JSON.stringify(standing)
    const found = known.get(key)
    if (found !== undefined) return found
    const coordinates = deniedTo(access, standing)
    const text = [...coordinates].toSorted().join()
    if (keys.size > MOST_KEPT) keys.clear()
    keys.set(text, text === '' ? '' : (keys.get(text) ?? `denied ${(numbered += 1)}`))
    const denials = { key: keys.get(text) ?? '', coordinates }
    if (known.size > MOST_KEPT) known.clear()
    known.set(key, denials)
    return denials
  }
  return (caller) => {
    if (access.policies.size === 0) return denialsFor(standingOf(caller, access, []))
    return holding(policies, access, caller).then((held) => denialsFor(standingOf(caller, access, held)))
  }
}

const MOST_KEPT = 1000

/** Never used twice, so that what was forgotten is not taken for something else. */
let numbered = 0

/** What the contract of a client says is all there is to ask. */
const CONTRACT_POLICIES: PolicySource = { holding: (_, { contract }) => contract.policies ?? [] }

/** Only what the graph asks for. */
interface Standing {
  readonly isProved: boolean
  readonly scopes: readonly string[]
  readonly policies: readonly string[]
}

const standingOf = (
  { proof }: Caller,
  { scopes, policies }: AccessMap,
  held: Iterable<string>,
): Standing => ({
  isProved: proof !== undefined,
  scopes: [...(proof?.scopes ?? [])].filter((scope) => scopes.has(scope)).toSorted(),
  policies: [...new Set(held)].filter((policy) => policies.has(policy)).toSorted(),
})

const holding = async (
  policies: PolicySource,
  access: AccessMap,
  caller: Caller,
): Promise<Iterable<string>> => {
  try {
    return await policies.holding(access.policies, caller)
  } catch {
    return []
  }
}

const deniedTo = ({ rules }: AccessMap, standing: Standing): Set<string> => {
  const scopes = new Set(standing.scopes)
  const policies = new Set(standing.policies)
  const holds = (clause: AccessClause): boolean => {
    if (clause.word === 'authenticated') return standing.isProved
    const held = clause.word === 'policy' ? policies : scopes
    return clause.anyOf.some((group) => group.length > 0 && group.every((name) => held.has(name)))
  }
  return new Set([...rules].filter(([, clauses]) => !clauses.every(holds)).map(([coordinate]) => coordinate))
}
