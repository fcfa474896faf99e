import { type RawBuilder, sql } from 'kysely'
import { alive, blocked } from '../standing/sql-alive.ts'
import type { EventData, StoredEvent } from './event.ts'

export interface EventRow extends Omit<StoredEvent, 'data'> {
  readonly data: EventData
}

/** Of rows of `event`: times as milliseconds, numbers beyond doubles as text. */
export const eventColumns: RawBuilder<unknown> = sql`
  position::text as position, source, event_id as "eventId", type, version,
  (date_part('epoch', occurred_at) * 1000)::float8 as "occurredAt",
  (date_part('epoch', received_at) * 1000)::float8 as "receivedAt",
  coalesce((select renamed_pid.pid from renamed_pid where elder = event.pid), event.pid) as pid,
  scope, consent_id as "consentId", consent_revision::text as "consentRevision", data,
  (date_part('epoch', expires_at) * 1000)::float8 as "expiresAt"`

export const toStoredEvent = (row: EventRow): StoredEvent => ({
  ...row,
  occurredAt: Math.round(row.occurredAt),
  receivedAt: Math.round(row.receivedAt),
  expiresAt: Math.round(row.expiresAt),
})

/** What may be read now: its consent is in force, or it rests on none, its person is not blocked, and its time is not over. */
export const readable = (now: number): RawBuilder<boolean> => sql`
  expires_at > ${new Date(now)}::timestamptz and ${takeable('event', now)}`

/** The same without the time, of rows of `event` or of what is about to be one. */
export const takeable = (table: 'event' | 'given', now: number): RawBuilder<boolean> => {
  const pid = `${table}.pid`
  const columns = { pid, scope: `${table}.scope`, revision: `${table}.consent_revision` }
  return sql`((${sql.ref(columns.revision)} is null or ${alive(columns, now)}) and not ${blocked(pid)})`
}
