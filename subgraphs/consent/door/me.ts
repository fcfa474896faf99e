import { type ShownState, shownState } from '../links/state-of.ts'
import type { Context, EffectiveScope } from '../receipts/effective-state.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { isHeldBack, type Use, type UseOf } from '../shown-use.ts'
import type { SubjectRecord } from '../store.ts'
import type { Notice, PlainScope } from './plain-words.ts'

/** Beyond this the older ones are left out of a history, and it says so. */
const MOST_RECEIPTS = 1_000

export interface Seeing {
  readonly notice: Notice
  /** Where they look from. */
  readonly place: Context
  readonly useOf: UseOf
  readonly now: number
}

/** What a person sees of their consent: every scope there is, in plain words, with its state and whether it is used. */
export function shownMe(record: SubjectRecord, { notice, place, useOf, now }: Seeing): object {
  const state = shownState(record, { context: place, now })
  const { revision, blocked, said, saidAt } = state
  return {
    revision,
    notice: { version: notice.version, language: notice.language },
    ...notice.responsible,
    blocked: blocked?.toUpperCase() ?? null,
    scopes: notice.scopes.map((plain) => ({
      ...shownScope(plain, said.get(plain.scope), saidAt),
      ...usedNow(plain.scope, state, useOf),
    })),
  }
}

/** Never by whose word: that somebody is taken for the same person says nothing about what they said. */
function usedNow(scope: string, { blocked, said, binding }: ShownState, useOf: UseOf): object {
  if (blocked !== null) return { ...shownUse(UNUSED), heldBack: false }
  const use = useOf(scope, binding.get(scope)?.status ?? null)
  return { ...shownUse(use), heldBack: isHeldBack(useOf(scope, said.get(scope)?.status ?? null), use) }
}

const UNUSED: Use = { holds: 'no', basis: null, denied: null }

/** What a person said, the latest first. */
export function shownHistory(receipts: readonly Receipt[], notice: Notice): object {
  const titles = new Map(notice.scopes.map(({ scope, title }) => [scope, title]))
  return {
    receipts: receipts.slice(0, MOST_RECEIPTS).map((receipt) => ({
      ...shownReceipt(receipt),
      title: titles.get(receipt.scope) ?? receipt.scope,
    })),
    isComplete: receipts.length <= MOST_RECEIPTS,
  }
}

export function shownReceipt(receipt: Receipt): object {
  const { consentId, at, expiresAt, status, statement, notice, surface, source, version } = receipt
  const { scope, channel, region, brand } = receipt
  return {
    receipt: consentId,
    scope,
    status: status.toUpperCase(),
    at: instant(at),
    expiresAt: instant(expiresAt),
    channel,
    region,
    brand,
    statement,
    notice,
    surface,
    source,
    version,
  }
}

function shownScope(
  { scope, title, sentence, uses }: PlainScope,
  state: EffectiveScope | undefined,
  saidAt: ReadonlyMap<string, number>,
): object {
  const { status, receipt, expiresAt } = state ?? { status: 'unknown', receipt: null, expiresAt: null }
  return {
    scope,
    title,
    sentence,
    uses,
    status: status.toUpperCase(),
    receipt,
    since: instant(receipt === null ? null : (saidAt.get(receipt) ?? null)),
    expiresAt: instant(expiresAt),
  }
}

function shownUse({ holds, basis, denied }: Use): object {
  return { holds: holds.toUpperCase(), basis: basis?.toUpperCase() ?? null, denied }
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
