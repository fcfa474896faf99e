import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Charge, Charges } from '../../privacy/budget/charge.ts'
import type { Migration } from '../database.ts'
import { type Budget, brokenBy, budgetLeft, isWithin, millisecondsOf, type SpentSince } from './budget.ts'
import { type BudgetLedger, LOST_AFTER_MS, type Reservation, type Reserving } from './ledger.ts'

type Database = Kysely<unknown>

/**
 * In PGlite or PostgreSQL 15 and later. The role can neither delete what was spent nor change what it cost; what it really cost can be
 * added once, to a reservation of which no more than ε and δ were known, as it is settled.
 */
export const budgetMigration: Migration = {
  schema: 'budget',
  role: 'assent_budget',
  statements: [
    `create table budget (name text primary key)`,
    `create table spent (
      id bigint generated always as identity primary key,
      budget text not null references budget (name),
      charge text not null,
      question text not null,
      snapshot text not null,
      at timestamptz not null,
      answer text)`,
    `create index spent_of_budget on spent (budget, at)`,
    `create index spent_on_question on spent (question, snapshot)`,
    `grant select, insert on budget to assent_budget`,
    `grant update (name) on budget to assent_budget`,
    `grant select, insert, update (answer) on spent to assent_budget`,
    `alter table spent add column until timestamptz`,
    `grant update (until) on spent to assent_budget`,
    `create table released (
      spent bigint primary key,
      charges text not null)`,
    `create function only_what_is_open() returns trigger language plpgsql as $$ begin
      if not exists (select from budget.spent
        where id = new.spent and answer is null and charge::jsonb ->> 'kind' = 'approximate')
      then raise insufficient_privilege using message = 'what was spent is known already'; end if;
      return new;
    end $$`,
    `create trigger only_what_is_open before insert on released for each row execute function only_what_is_open()`,
    `grant select, insert on released to assent_budget`,
  ],
}

export const createSqlLedger = (db: Database): BudgetLedger => ({
  reserve: (reserving) =>
    db.transaction().execute(async (transaction) => {
      // Who reserves from one budget takes turns; the row is there to be held.
      await sql`insert into budget (name) values (${reserving.budget.name}) on conflict do nothing`.execute(
        transaction,
      )
      await sql`select from budget where name = ${reserving.budget.name} for update`.execute(transaction)
      return (await known(transaction, reserving)) ?? fresh(transaction, reserving)
    }),
  renew: async (reservation, until) => {
    const { numAffectedRows } = await sql`
      update spent set until = ${new Date(until)} where id = ${reservation}::bigint`.execute(db)
    if (numAffectedRows !== 1n) throw new RangeError('there is no such reservation')
  },
  settle: (reservation, answer, really) =>
    db.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ charge: string; answer: string | null }>`
        select charge, answer from spent where id = ${reservation}::bigint for update`.execute(transaction)
      const [entry] = rows
      if (entry === undefined) throw new RangeError('there is no such reservation')
      const charge = JSON.parse(entry.charge) as Charge
      if (really !== undefined && !isWithin(charge, really)) throw new RangeError('more than was reserved')
      if (entry.answer !== null) return
      if (really !== undefined && charge.kind === 'approximate')
        await sql`insert into released (spent, charges) values (${reservation}::bigint, ${JSON.stringify(really)})`.execute(
          transaction,
        )
      await sql`update spent set answer = ${answer} where id = ${reservation}::bigint`.execute(transaction)
    }),
  left: async (budget, now) => budgetLeft(budget, await spentOn(db, budget, now)),
})

const known = async (
  db: Database,
  { query, snapshot, budget, now, lease }: Reserving,
): Promise<Reservation | null> => {
  const { rows } = await sql<{ id: string; answer: string | null; until: number }>`
    select id::text, answer, (extract(epoch from coalesce(until, at + ${LOST_AFTER_MS} * interval '1 millisecond'))
      * 1000)::float8 as until from spent
    where question = ${digestOf(query)} and snapshot = ${snapshot} and budget = ${budget.name}
    order by id desc limit 1`.execute(db)
  const [last] = rows
  if (last === undefined) return null
  if (last.answer !== null) return { kind: 'answered', answer: last.answer }
  if (now < last.until && lease?.isAlone !== true) return { kind: 'under way' }
  if (lease === undefined) return null
  await sql`update spent set until = ${new Date(now + lease.ms)} where id = ${last.id}::bigint`.execute(db)
  return { kind: 'reserved', id: last.id }
}

const fresh = async (
  db: Database,
  { budget, charge, query, snapshot, now, lease }: Reserving,
): Promise<Reservation> => {
  const limit = brokenBy(budget, charge, await spentOn(db, budget, now))
  if (limit !== null) return { kind: 'refused', limit }
  const { rows } = await sql<{ id: string }>`
    insert into spent (budget, charge, question, snapshot, at, until)
    values (${budget.name}, ${JSON.stringify(charge)}, ${digestOf(query)}, ${snapshot}, ${new Date(now)},
      ${new Date(now + (lease?.ms ?? LOST_AFTER_MS))})
    returning id::text`.execute(db)
  return { kind: 'reserved', id: rows[0]?.id ?? '' }
}

/** A query may be long; that it is the same is all that has to be known. */
const digestOf = (query: string): string => createHash('sha256').update(query).digest('base64url')

/** Releases of one kind cost the same, so there are few rows, however many releases there were. */
const spentOn = async (db: Database, { name, windows }: Budget, now: number): Promise<SpentSince> => {
  const reaches = [null, ...windows.map(({ days }) => millisecondsOf(days))]
  const found = new Map<number | null, readonly Charges[]>()
  for (const reach of reaches) {
    const since = reach === null ? new Date(0) : new Date(now - reach)
    // eslint-disable-next-line no-await-in-loop -- one connection
    const { rows } = await sql<{ charges: string; times: number }>`
      select coalesce(charges, '[' || charge || ']') as charges, count(*)::int as times
      from spent left join released on released.spent = id
      where budget = ${name} and at > ${since} group by 1`.execute(db)
    found.set(
      reach,
      rows.flatMap(({ charges, times }) =>
        (JSON.parse(charges) as readonly Charge[]).map((charge) => ({ charge, times })),
      ),
    )
  }
  return (reach) => found.get(reach) ?? []
}
