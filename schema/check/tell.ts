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
  return [...found.values()].toSorted(
    (a, b) =>
      RANKS[a.level] - RANKS[b.level] || compare(a.coordinate, b.coordinate) || compare(a.code, b.code),
  )
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const NOWHERE = { file: '', line: 1, column: 1 } as const

const findingOf = (told: Told, { head, owner: anybody }: Hashed): Finding => {
  const { code, coordinate, detail, before, after, owner } = told
  const entry = told.kind === 'composition' ? FINDINGS.NOT_COMPOSED : entryOf(code)
  const direction = told.direction ?? entry.direction
  const level = told.level ?? entry.level
  const fingerprint = sha256(['finding', code, coordinate, before ?? '', after ?? ''])
  const by = owner === undefined || owner === '' ? anybody : owner
  return {
    code,
    kind: told.kind ?? entry.kind,
    level,
    ...(direction === undefined ? {} : { direction }),
    coordinate,
    source: told.source ?? NOWHERE,
    message: told.message ?? `${entry.sentence}${detail === undefined ? '' : ` ${detail}`}`,
    remedy: told.remedy ?? entry.remedy,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(owner === undefined || owner === '' ? {} : { owner }),
    ...(level === 'error' && entry.isForOwner
      ? { approval: { by, hash: sha256(['approval', head, fingerprint]) } }
      : {}),
    fingerprint,
  }
}

/** A code without a row would say nothing and pass: it blocks. */
const entryOf = (code: string) =>
  Object.hasOwn(FINDINGS, code) ? FINDINGS[code as FindingCode] : FINDINGS.CHECK_FAILED

const sha256 = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')
