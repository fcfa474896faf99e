import { sentenceOf } from '../error-catalogue.ts'
import type { Currency } from '../standing/standing-store.ts'
import { type LineRead, readLine, type ReadLine, type Refusal } from './read-line.ts'
import { type Attribute, type Registry, registryId, type TokenKind } from './registry.ts'
import { type LostWrite, type ProfileValue, type ProfileWrite, settle, writeKey } from './settle.ts'
import type { Consent, KeptWrite, OwnershipStore, ProfileKey } from './store.ts'

export interface ProfileWritesParts {
  readonly registry: Registry
  readonly store: OwnershipStore
  readonly tokens: Tokens
  readonly people: People
  readonly basis: Basis
  /** Whether what is known of consent may be relied upon. */
  readonly currency: Pick<Currency, 'isCurrent'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Told of whom something new is kept: what is computed from it is another one by now. */
  readonly onTaken?: (pids: readonly string[]) => void
}

/** Keyed tokens in place of what names a person; empty where a value cannot be of its kind. */
export interface Tokens {
  tokens(
    asked: readonly { readonly kind: TokenKind; readonly value: string; readonly region?: string }[],
  ): Promise<readonly { readonly written: readonly string[] }[]>
}

export interface People {
  /** Those among them that somebody has. */
  known(pids: readonly string[]): Promise<ReadonlySet<string>>
}

/** What may rest on the consent of people. */
export interface Basis {
  /** In the order asked; null where nothing may. What was said before `since` (ms) does not rest on it. */
  of(
    pairs: readonly { readonly pid: string; readonly scope: string }[],
  ): Promise<readonly ((Consent & { readonly since: number }) | null)[]>
}

/** What became of one line. Values are not told: who sent it has them, and what holds may be another system's. */
export type Outcome =
  | { readonly line: number; readonly outcome: 'holds'; readonly known: boolean }
  | {
      readonly line: number
      readonly outcome: 'lost'
      readonly known: boolean
      readonly rule: LostWrite['rule']
      readonly to: Pick<ProfileWrite, 'system' | 'version' | 'at'>
    }
  | ({ readonly line: number; readonly outcome: 'refused'; readonly message: string } & Omit<
      Refusal,
      'place'
    >)

/** What systems say of people: each line is judged by itself, and what may be kept is kept with what it rests on. */
export async function takeProfileWrites(
  lines: readonly string[],
  system: string,
  parts: ProfileWritesParts,
): Promise<readonly Outcome[]> {
  const { registry, store, clock } = parts
  const now = clock()
  const judged: LineRead[] = lines.map((line) => readLine(line, { system, registry, now }))
  const drafts = await tokenized(judged, parts)
  const ready = await allowed(await ofKnownPeople(drafts, parts), parts)
  const writes = ready.map((one) =>
    'refusal' in one ? null : { ...one.write, system, receivedAt: now, registry: registryId(registry) },
  )
  const given = writes.filter((write) => write !== null)
  const added = await store.add(given, now)
  parts.onTaken?.(given.flatMap(({ pid }, place) => (added[place] === 'added' ? [pid] : [])))
  const settled = await settledOf(given, parts, now)
  let next = 0
  return ready.map((one, index) => {
    const line = index + 1
    if ('refusal' in one) return refusedLine(line, one.refusal)
    const write = writes[index] as KeptWrite
    const as = added[next++]
    if (as === 'not alive') return refusedLine(line, notKept(write))
    const known = as === 'known'
    const lost = settled.get(keyOf(write))?.get(writeKey(write))
    if (lost === undefined) return { line, outcome: 'holds', known }
    const { system: winner, version, at } = lost.to
    return { line, outcome: 'lost', known, rule: lost.rule, to: { system: winner, version, at } }
  })
}

type Draft = { readonly line: ReadLine; readonly value: ProfileValue | null } | { readonly refusal: Refusal }

/** Raw identifiers go no further than here. */
async function tokenized(
  judged: readonly LineRead[],
  { tokens }: ProfileWritesParts,
): Promise<readonly Draft[]> {
  const asked = judged.flatMap((one) => {
    const value = 'read' in one ? one.read.value : null
    return value !== null && 'raw' in value && 'read' in one
      ? [{ kind: value.kind, value: value.raw, region: one.read.region }]
      : []
  })
  const made = asked.length === 0 ? [] : await tokens.tokens(asked)
  let next = 0
  return judged.map((one): Draft => {
    if ('refusal' in one) return one
    const { value, attribute } = one.read
    if (value === null) return { line: one.read, value: null }
    if ('kept' in value) return { line: one.read, value: value.kept }
    const token = made[next++]?.written[0]
    if (token === undefined) return { refusal: { code: 'PROFILE_VALUE_INVALID', place: attribute.name } }
    return { line: one.read, value: token }
  })
}

async function ofKnownPeople(
  drafts: readonly Draft[],
  { people }: ProfileWritesParts,
): Promise<readonly Draft[]> {
  const pids = new Set(drafts.flatMap((draft) => ('line' in draft ? [draft.line.pid] : [])))
  const known = pids.size === 0 ? new Set<string>() : await people.known([...pids])
  return drafts.map((draft) =>
    'refusal' in draft || known.has(draft.line.pid)
      ? draft
      : { refusal: { code: 'PROFILE_PERSON_UNKNOWN', place: 'pid' } },
  )
}

type Ready =
  { readonly write: Omit<KeptWrite, 'system' | 'receivedAt' | 'registry'> } | { readonly refusal: Refusal }

/**
 * What was worked out before a withdrawal stays out, also when it comes late and the person has consented again: it rests on
 * the consent of its own time, which is cut.
 */
async function allowed(drafts: readonly Draft[], { basis }: ProfileWritesParts): Promise<readonly Ready[]> {
  const asked = drafts.flatMap((draft) => {
    const scope = 'line' in draft ? draft.line.attribute.scope : null
    return scope !== null && 'line' in draft ? [{ pid: draft.line.pid, scope }] : []
  })
  const found = asked.length === 0 ? [] : await basis.of(asked)
  let next = 0
  return drafts.map((draft): Ready => {
    if ('refusal' in draft) return draft
    const { line, value } = draft
    const { pid, attribute, version, at, confirmed } = line
    const write = { pid, attribute: attribute.name, version, at, confirmed, value }
    if (attribute.scope === null) return { write: { ...write, consent: null } }
    const consent = found[next++] ?? null
    if (consent === null || at < consent.since)
      return { refusal: { code: 'PROFILE_CONSENT_MISSING', place: attribute.name } }
    const { scope, consentId, revision } = consent
    return { write: { ...write, consent: { scope, consentId, revision } } }
  })
}

const notKept = ({ consent, attribute }: KeptWrite): Refusal =>
  consent === null
    ? { code: 'PROFILE_PERSON_BLOCKED', place: 'pid' }
    : { code: 'PROFILE_CONSENT_MISSING', place: attribute }

function refusedLine(line: number, { code, place, ...rest }: Refusal): Outcome {
  return { line, outcome: 'refused', code, ...rest, message: sentenceOf(code, place) }
}

/** By attribute of a person, what lost there. */
async function settledOf(
  writes: readonly ProfileWrite[],
  { store, registry }: ProfileWritesParts,
  now: number,
): Promise<ReadonlyMap<string, ReadonlyMap<string, LostWrite>>> {
  const keys = new Map(writes.map((write) => [keyOf(write), write]))
  const all = new Map<string, ProfileWrite[]>()
  for (const write of keys.size === 0 ? [] : await store.of([...keys.values()], now)) {
    const others = all.get(keyOf(write))
    if (others) others.push(write)
    else all.set(keyOf(write), [write])
  }
  return new Map(
    [...all].map(([key, group]) => {
      const attribute = registry.attributes.get(group[0]?.attribute ?? '') as Attribute
      const { lost } = settle(group, attribute)
      return [key, new Map(lost.map((one) => [writeKey(one.write), one]))]
    }),
  )
}

const keyOf = ({ pid, attribute }: ProfileKey): string => JSON.stringify([pid, attribute])
