import { createHash } from 'node:crypto'
import type { Finding } from './finding.ts'
import { FINDINGS, type FindingCode } from './finding-catalogue.ts'

/** What a check says; kind, level, direction, sentence and remedy are the catalogue’s where they are not given. */
export interface Told extends Partial<
  Pick<
    Finding,
    'kind' | 'level' | 'direction' | 'source' | 'remedy' | 'before' | 'after' | 'owner' | 'message'
  >
> {
  readonly code: string
  /** The row of the catalogue that stands for a code of somebody else’s. */
  readonly as?: FindingCode
  readonly coordinate: string
  /** Told behind the catalogue’s sentence. */
  readonly detail?: string
}

interface Hashed {
  /** Content hash of the head. */
  readonly head: string
  /** Who answers for what nobody owns. */
  readonly owner: string
}

const RANKS = { error: 0, warning: 1, note: 2 } as const

/** Findings, each once, the worst first; the same changes in any order give the same list. */
export const inOrder = (told: readonly Told[], hashed: Hashed): Finding[] => {
  const found = new Map<string, Finding>()
  for (const one of told) {
    const finding = findingOf(one, hashed)
    if (!found.has(finding.fingerprint)) found.set(finding.fingerprint, finding)
  }
  return sorted([...found.values()])
}

export const sorted = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (a, b) =>
      RANKS[a.level] - RANKS[b.level] || compare(a.coordinate, b.coordinate) || compare(a.code, b.code),
  )

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const NOWHERE = { file: '', line: 1, column: 1 } as const

const findingOf = (told: Told, hashed: Hashed): Finding => {
  const { code, coordinate, detail, before, after, owner } = told
  const entry = entryOf(told.as ?? code)
  const fingerprint = sha256(['finding', code, coordinate, before ?? '', after ?? ''])
  const { kind, level, direction, remedy } = { ...entry, ...given(told) }
  return {
    code,
    kind,
    level,
    coordinate,
    ...given({ direction, before, after, owner: owner === '' ? undefined : owner }),
    source: told.source ?? NOWHERE,
    message: told.message ?? [entry.sentence, detail].filter(Boolean).join(' '),
    remedy,
    ...(level === 'error' && entry.isForOwner ? { approval: approvalOf(fingerprint, owner, hashed) } : {}),
    fingerprint,
  }
}

const approvalOf = (
  fingerprint: string,
  owner: string | undefined,
  { head, owner: anybody }: Hashed,
): Finding['approval'] & {} => ({
  by: owner === undefined || owner === '' ? anybody : owner,
  hash: sha256(['approval', head, fingerprint]),
})

type Given<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> }

/** What is said, without what is not. */
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>

/** A code without a row would say nothing and pass: it blocks. */
const entryOf = (
  code: string,
): (typeof FINDINGS)[FindingCode] & { readonly direction?: Finding['direction'] } =>
  Object.hasOwn(FINDINGS, code) ? FINDINGS[code as FindingCode] : FINDINGS.CHECK_FAILED

const sha256 = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')
