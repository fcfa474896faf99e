import { type Kysely, sql } from 'kysely'
import type { PidHolder } from '../../pid-holder.ts'
import { alive, blocked, dead } from '../../standing/sql-alive.ts'
import { createSqlStandings } from '../../standing/sql-standings.ts'
import { copyHandedOut, forgetErased, forgetHandedOut } from './sql-handed-out.ts'
import { openVector, type SealedVector, sealVector } from './sealed-vector.ts'
import type { PersonVector, VectorKeys } from './vector-store.ts'
import { textOf } from './vector-text.ts'

/** Whose yes holds at this very moment, and whose noise was not drawn yet for this model. */
export async function putPeople(
  db: Kysely<never>,
  rows: readonly PersonVector[],
  { now, keys }: { readonly now: number; readonly keys: VectorKeys },
): Promise<number> {
  let taken = 0
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const part = rows.slice(start, start + AT_ONCE).map((row) => rowOf(row, keys))
    // oxlint-disable-next-line no-await-in-loop -- one connection
    const { numAffectedRows = 0n } = await sql`
      with given as (
        select distinct on (model.id, given.pid) given.*, model.id as model_id
        from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as given (pid text, scope text, "consentId" text,
          "consentRevision" bigint, model text, sigma float8, clip float8, embedding text, "keyId" text, sealed text)
        join model on model.name = given.model
        where ${alive({ pid: 'given.pid', scope: 'given.scope', revision: 'given.consentRevision' }, now)}
          and not ${blocked('given.pid')} order by model.id, given.pid),
      fresh as (insert into drawn (model, pid) select model_id, pid from given on conflict do nothing returning model, pid)
      insert into person (model, pid, scope, consent_id, consent_revision, sigma, clip, embedding, key_id, sealed)
      select model_id, given.pid, scope, "consentId", "consentRevision", sigma, clip, embedding::vector, "keyId", decode(sealed, 'base64')
      from given join fresh on fresh.model = given.model_id and fresh.pid = given.pid`.execute(db)
    taken += Number(numAffectedRows)
  }
  return taken
}

const AT_ONCE = 2_000

function rowOf({ vector, isSealed, ...row }: PersonVector, keys: VectorKeys): object {
  if (!isSealed) return { ...row, embedding: textOf(vector), keyId: null, sealed: null }
  const { keyId, bytes } = sealVector(vector, row, keys)
  return { ...row, embedding: null, keyId, sealed: bytes.toString('base64') }
}

export async function purgePeople(db: Kysely<never>, now: number, pids?: readonly string[]): Promise<number> {
  const asked = pids === undefined ? sql`true` : sql`pid = any(${pids}::text[])`
  const columns = { pid: 'person.pid', scope: 'person.scope', revision: 'person.consent_revision' }
  return db.transaction().execute(async (transaction) => {
    const { numAffectedRows = 0n } = await sql`
      delete from person where ${asked} and ${dead(columns, now)}`.execute(transaction)
    return Number(numAffectedRows) + (await forgetErased(transaction, pids, forget))
  })
}

export function pidHolder(db: Kysely<never>, keys: VectorKeys): PidHolder {
  const standings = createSqlStandings(db)
  return {
    async copyPids(renamed) {
      await standings.copyPids(renamed)
      const given = sql`jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)`
      await db.transaction().execute(async (transaction) => {
        await copySealed(transaction, renamed, keys)
        await sql`
          insert into person (model, pid, scope, consent_id, consent_revision, sigma, clip, embedding)
          select model, renamed."to", scope, consent_id, consent_revision, sigma, clip, embedding
          from ${given} join person on person.pid = renamed."from"
          where embedding is not null and not exists (select from drawn where drawn.model = person.model and drawn.pid = renamed."to")
          on conflict do nothing`.execute(transaction)
        await sql`insert into drawn (model, pid) select model, renamed."to"
          from ${given} join drawn on drawn.pid = renamed."from" on conflict do nothing`.execute(transaction)
        await copyHandedOut(transaction, renamed)
      })
    },
    async forgetPids(pids) {
      await db.transaction().execute(async (transaction) => {
        await sql`delete from person where pid = any(${pids}::text[])`.execute(transaction)
        await forget(transaction, pids)
      })
      await standings.forgetPids(pids)
    },
  }
}

async function forget(db: Kysely<never>, pids: readonly string[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`delete from drawn where pid = any(${pids}::text[])`.execute(db)
  return Number(numAffectedRows) + (await forgetHandedOut(db, pids))
}

interface SealedRow extends SealedVector {
  readonly model: string
  readonly pid: string
  readonly scope: string
}

/** A sealed vector opens for its person only, so under another pid it is sealed anew. */
async function copySealed(
  db: Kysely<never>,
  renamed: Parameters<PidHolder['copyPids']>[0],
  keys: VectorKeys,
): Promise<void> {
  const to = new Map(renamed.map((each) => [each.from, each.to]))
  const { rows } = await sql<SealedRow>`
    select model.name as model, pid, scope, key_id as "keyId", sealed as bytes
    from person join model on model.id = person.model
    where sealed is not null and pid = any(${[...to.keys()]}::text[])`.execute(db)
  for (const row of rows) {
    const pid = to.get(row.pid)
    const vector = openVector({ ...row, bytes: Buffer.from(row.bytes) }, row, keys)
    if (pid === undefined || vector === null) continue
    const { keyId, bytes } = sealVector(vector, { ...row, pid }, keys)
    // oxlint-disable-next-line no-await-in-loop -- one connection
    await sql`
      insert into person (model, pid, scope, consent_id, consent_revision, sigma, clip, key_id, sealed)
      select person.model, ${pid}, scope, consent_id, consent_revision, sigma, clip, ${keyId}, ${bytes}
      from person join model on model.id = person.model
      where model.name = ${row.model} and person.pid = ${row.pid}
        and not exists (select from drawn where drawn.model = person.model and drawn.pid = ${pid})
      on conflict do nothing`.execute(db)
  }
}
