import { codedError } from '../coded-error.ts'
import type { SignedCall } from '../serve.ts'
import { isPid } from './pids.ts'
import type { ConsentStore } from './store.ts'

/** Who keeps events calls itself so. */
export const EVENTS_PEER = 'events'

/** Of either, in one question. */
const MOST = 5_000

/**
 * `/consent/v1/receipts`: what rests on receipts asks whose they are, what for and when they were in force; and which pids are
 * one person with a subject. `{ consentIds, subjects }` → `{ receipts: [[id, subject, scope, status, at, expiresAt, revision]],
 * people: [[subject, [pid]]] }`; what is not there is missing.
 */
export function receiptCall(store: Pick<ConsentStore, 'bases' | 'records'>): SignedCall {
  return async (input) => {
    const { consentIds = [], subjects = [] } = (input ?? {}) as Readonly<Record<string, unknown>>
    if (!isNames(consentIds)) throw codedError('BAD_USER_INPUT', 'consentIds')
    if (!isNames(subjects)) throw codedError('TOO_MANY_SUBJECTS', `subjects, at most ${MOST}`)
    const bases = await store.bases(consentIds)
    const people = await samePeopleIn(store, subjects)
    return {
      receipts: [...bases].map(([id, { subject, scope, status, at, expiresAt, revision }]) => [
        id,
        subject,
        scope,
        status,
        at,
        expiresAt,
        revision,
      ]),
      people: [...people].map(([subject, pids]) => [subject, [...pids]]),
    }
  }
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= MOST && value.every((one) => typeof one === 'string')

/** Of those who are linked to anybody. */
export async function samePeopleIn(
  store: Pick<ConsentStore, 'records'>,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const asked = subjects.filter(isPid)
  if (asked.length === 0) return new Map()
  const records = await store.records(asked)
  return new Map(
    [...records].flatMap(([subject, { group }]) =>
      group === undefined ? [] : [[subject, new Set(group.members.keys())] as const],
    ),
  )
}
