import type { DecidedState, Granted, ToldChange } from './consent-view.ts'
import { type Block, later, type Revision, type Standing } from './standing.ts'

/** All there is to know about one person at one look. */
export interface Look {
  readonly pid: string
  /** What was heard before. */
  readonly known: readonly Standing[]
  /** What concerns this person since, oldest first. */
  readonly changes: readonly ToldChange[]
  readonly state: DecidedState
  /** The state is as new as this. */
  readonly asOf: Revision
}

/**
 * How somebody stands after a look. Whether there is a yes now is what the consent service says; what is cut is read from
 * every word since the last look, so that a no which was followed by a yes before anybody looked has cut, too.
 */
export function settle(look: Look): readonly Standing[] {
  const { known, changes, state } = look
  const scopes = new Set([
    ...known.map(({ scope }) => scope),
    ...state.granted.keys(),
    ...(state.waiting?.keys() ?? []),
  ])
  for (const { scope } of changes) if (scope !== null) scopes.add(scope)
  return [...scopes].flatMap((scope) => settleScope(scope, look) ?? [])
}

/** That a person may not be used, or may be again; null: neither has changed. */
export function blockAt({ pid, changes, state }: Look): Block | null {
  const { revision, blocked } = state
  // Who is one person with somebody who was erased is used no more; what is deleted is told of each pid.
  if (changes.some(({ kind, subject }) => kind === 'erased' && subject === pid))
    return { pid, kind: 'erased', revision }
  if (blocked !== null) return { pid, kind: 'suppressed', revision }
  return changes.some(({ kind }) => kind !== 'yes' && kind !== 'no') ? { pid, kind: null, revision } : null
}

function settleScope(scope: string, look: Look): Standing | null {
  const { pid, state } = look
  const known = look.known.find((standing) => standing.scope === scope)
  const heard = listen(scope, look, known)
  const yes = yesIn(state, scope)
  if (!heard.isSpoken && yes === undefined) return null
  const { revision } = state
  const lastYes = later(heard.yes?.revision ?? '0', known?.basis ?? '0')
  if (yes === undefined) {
    // A link or time took it, or a policy what nobody had said: whatever was collected under the last yes is gone with it.
    const cut = later(heard.cut, lastYes)
    return { pid, scope, granted: false, receipt: null, expiresAt: null, revision, cut, basis: '0' }
  }
  const { cut } = heard
  const isSame = heard.isNew || known?.receipt === yes.receipt
  const basis = basisAfter(cut, [...(isSame ? [lastYes] : []), revision, look.asOf])
  return { pid, scope, ...yes, revision, cut, basis }
}

/**
 * Where a yes counts again without having been said again, what is collected rests on what has brought it back. Where nothing was
 * written anywhere since the cut, on what no write has reached yet.
 */
function basisAfter(cut: Revision, revisions: readonly Revision[]): Revision {
  return revisions.find((revision) => BigInt(revision) > BigInt(cut)) ?? String(BigInt(cut) + 1n)
}

/** What the person says yes to, and whether it counts at present. */
function yesIn(
  { granted, waiting }: DecidedState,
  scope: string,
): (Granted & { granted: boolean }) | undefined {
  const yes = granted.get(scope) ?? waiting?.get(scope)
  return yes && { ...yes, granted: granted.has(scope) }
}

interface Heard {
  readonly cut: Revision
  /** The last yes of this very person, as long as no word of theirs has followed. */
  readonly yes: { readonly revision: Revision; readonly expiresAt: number | null } | null
  /** Whether that was said since the last look. */
  readonly isNew: boolean
  readonly isSpoken: boolean
}

function listen(scope: string, look: Look, known: Standing | undefined): Heard {
  let heard: Heard = {
    cut: known?.cut ?? '0',
    yes: known && known.basis !== '0' ? { revision: known.basis, expiresAt: known.expiresAt } : null,
    isNew: false,
    isSpoken: known !== undefined,
  }
  for (const change of look.changes)
    if (change.scope === null) heard = hearEvent(heard, change, look)
    else if (change.scope === scope) heard = hearWord(heard, change, look)
  return heard
}

/** The most restrictive of all who are one person holds: the no of one is the no of all, the yes of one is not. */
function hearWord(heard: Heard, change: ToldChange, { pid }: Look): Heard {
  const { kind, revision, subject, everywhere, expiresAt, recordedAt } = change
  const spoken = { ...heard, isSpoken: true }
  if (kind === 'no') {
    const yes = subject === pid ? null : heard.yes
    return { ...spoken, cut: later(heard.cut, revision), yes }
  }
  if (subject !== pid || !everywhere) return spoken
  // A renewal that was said too late renews nothing.
  const isLate = heard.yes !== null && heard.yes.expiresAt !== null && heard.yes.expiresAt <= recordedAt
  const cut = isLate ? later(heard.cut, heard.yes?.revision ?? '0') : heard.cut
  return { ...spoken, cut, yes: { revision, expiresAt }, isNew: true }
}

/**
 * What may have been taken by a link, or by its end, is seen only by looking before anything else is written: when that is
 * over, it counts as taken.
 */
function hearEvent(heard: Heard, change: ToldChange, { changes, state }: Look): Heard {
  if (!heard.isSpoken) return heard
  const { kind, revision } = change
  const isOverlooked = kind === 'linked' && BigInt(lastOf(change, changes)) < BigInt(state.revision)
  // What one of two said while they were one may be told on another page than the end of that: it counts for both.
  const isNo = kind === 'suppressed' || kind === 'erased' || kind === 'unlinked'
  return isNo || isOverlooked ? { ...heard, cut: later(heard.cut, revision) } : heard
}

/** A link is one write about each of its pids. */
function lastOf({ kind, pids }: ToldChange, changes: readonly ToldChange[]): Revision {
  const isSame = (other: ToldChange): boolean =>
    other.kind === kind && other.pids.join(' ') === pids.join(' ')
  return changes.findLast(isSame)?.revision ?? '0'
}
