import { BASES, DISPOSITIONS, type EventContract } from './contract.ts'
import type { ChangeCode, PlacedChange } from './contract-change.ts'
import { compareWindows } from './compare-windows.ts'
import { compareDurations } from './iso-duration.ts'

/** What changed of a contract except its fields. Of ordered words the first one protects most. */
export function compareTerms(
  base: EventContract,
  head: EventContract,
  today: string | null,
): readonly PlacedChange[] {
  return [
    ...scopeChanges(base, head),
    ...ranked(BASES, ['basis', base.basis, head.basis], ['BASIS_LOOSENED', 'BASIS_TIGHTENED']),
    ...ranked(
      DISPOSITIONS,
      ['disposition', base.disposition, head.disposition],
      ['DISPOSITION_LOOSENED', 'DISPOSITION_TIGHTENED'],
    ),
    ...listChanges(['purpose', base.purpose, head.purpose], ['PURPOSE_ADDED', 'PURPOSE_REMOVED']),
    ...listChanges(['consumers', base.consumers, head.consumers], ['CONSUMER_ADDED', 'CONSUMER_REMOVED']),
    ...durations(
      ['retention', base.retention, head.retention],
      ['RETENTION_LENGTHENED', 'RETENTION_SHORTENED'],
    ),
    ...textChange(['timestamp', base.timestamp, head.timestamp], 'TIMESTAMP_CHANGED'),
    ...textChange(['optIn', base.optIn, head.optIn], 'OPT_IN_CHANGED'),
    ...textChange(['owner', base.owner, head.owner], 'OWNER_CHANGED'),
    ...textChange(['description', base.description, head.description], 'DESCRIPTION_CHANGED'),
    ...compareWindows(base.deprecation, head.deprecation, today),
    ...qualityChanges(base, head),
  ]
}

type Pair<T> = readonly [path: string, before: T, after: T]

function scopeChanges(
  { scope: before }: EventContract,
  { scope: after }: EventContract,
): readonly PlacedChange[] {
  if (before === after) return []
  const code = after === null ? 'SCOPE_DROPPED' : before === null ? 'SCOPE_ADDED' : 'SCOPE_CHANGED'
  return [{ code, path: 'scope', before, after }]
}

/** A change towards the end of a list of words, or towards its beginning. */
export function ranked<T extends string>(
  words: readonly T[],
  [path, before, after]: Pair<T>,
  [towardsEnd, towardsStart]: readonly [ChangeCode, ChangeCode],
): readonly PlacedChange[] {
  const way = words.indexOf(after) - words.indexOf(before)
  return way === 0 ? [] : [{ code: way > 0 ? towardsEnd : towardsStart, path, before, after }]
}

/** The order of a list means nothing. */
function listChanges(
  [path, before, after]: Pair<readonly string[]>,
  [added, removed]: readonly [ChangeCode, ChangeCode],
): readonly PlacedChange[] {
  const come = after.filter((word) => !before.includes(word))
  const gone = before.filter((word) => !after.includes(word))
  return [
    ...(come.length === 0 ? [] : [{ code: added, path, after: come.join(', ') }]),
    ...(gone.length === 0 ? [] : [{ code: removed, path, before: gone.join(', ') }]),
  ]
}

/** Longer or shorter; the same time written otherwise is no change. */
function durations(
  [path, before, after]: Pair<string>,
  [longer, shorter]: readonly [ChangeCode, ChangeCode],
): readonly PlacedChange[] {
  const way = compareDurations(after, before)
  return way === 0 ? [] : [{ code: way > 0 ? longer : shorter, path, before, after }]
}

/** Blanks, stops and capitals mean nothing. */
export function textChange([path, before, after]: Pair<string>, code: ChangeCode): readonly PlacedChange[] {
  return wordsOf(before) === wordsOf(after) ? [] : [{ code, path, before, after }]
}

const wordsOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

function qualityChanges(
  { quality: before }: EventContract,
  { quality: after }: EventContract,
): readonly PlacedChange[] {
  const path = 'quality.minimumValid'
  const shares = { before: String(before.minimumValid), after: String(after.minimumValid) }
  const way = after.minimumValid - before.minimumValid
  return [
    ...durations(
      ['quality.freshness', before.freshness, after.freshness],
      ['FRESHNESS_LOOSENED', 'QUALITY_TIGHTENED'],
    ),
    ...(way === 0
      ? []
      : [
          {
            code: way < 0 ? ('VALIDITY_LOOSENED' as const) : ('QUALITY_TIGHTENED' as const),
            path,
            ...shares,
          },
        ]),
    ...textChange(['quality.alert', before.alert, after.alert], 'ALERT_CHANGED'),
  ]
}
