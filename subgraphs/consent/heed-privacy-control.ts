import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import { effectiveState } from './receipts/effective-state.ts'
import { writeReceipts } from './receipts/write-receipts.ts'
import type { ConsentStore } from './store.ts'

export interface PrivacyControlParts {
  readonly store: ConsentStore
  readonly vocabulary: Vocabulary
  /** Without one nothing holds by default, so there is nothing to refuse. */
  readonly policy: PolicyBundle | null
}

/**
 * "The business shall treat the opt-out preference signal as a valid request to opt-out … for that browser … and, if known, for
 * the consumer" (CCPA regulations, section 7025(c)(1)). So where the browser of a known person says Global Privacy Control,
 * the scopes that the bundle maps are refused for good. What the person has said about a scope stays: it is said to us in
 * particular, and the browser speaks to everybody.
 */
export function heedPrivacyControl({
  store,
  vocabulary,
  policy,
}: PrivacyControlParts): (subject: string, at: number) => Promise<void> {
  return async (subject, at) => {
    const refused = policy?.signals.gpc ?? []
    if (refused.length === 0) return
    const record = (await store.records([subject])).get(subject)
    if (record === undefined || record.blocked !== null) return
    const said = effectiveState(record, {}, at).scopes
    const scopes = refused.filter((scope) => !said.has(scope))
    if (scopes.length === 0) return
    const statement = { pid: subject, scopes, source: 'sec-gpc', status: 'refused' } as const
    await writeReceipts(store, statement, { vocabulary, now: at, actor: subject })
  }
}
