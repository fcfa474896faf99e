import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Charge, Charges } from '../../privacy/budget/charge.ts'
import type { Migration } from '../database.ts'
import { type Budget, brokenBy, budgetLeft, millisecondsOf, type SpentSince } from './budget.ts'
import { type BudgetLedger, LOST_AFTER_MS, type Reservation, type Reserving } from './ledger.ts'

type Database = Kysely<unknown>

/** In PGlite or PostgreSQL 15 and later. The role can neither delete what was spent nor change what it cost. */
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
  settle: async (reservation, answer) => {
    const { numAffectedRows } = await sql`
      update spent set answer = coalesce(answer, ${answer}) where id = ${reservation}::bigint`.execute(db)
    if (numAffectedRows !== 1n) throw new RangeError('there is no such reservation')
  },
  left: async (budget, now) => budgetLeft(budget, await spentOn(db, budget, now)),
})

const known = async (
  db: Database,
  { query, snapshot, budget, now }: Reserving,
): Promise<Reservation | null> => {
  const { rows } = await sql<{ answer: string | null; at: number }>`
    select answer, (extract(epoch from at) * 1000)::float8 as at from spent
    where question = ${digestOf(query)} and snapshot = ${snapshot} and budget = ${budget.name}
    order by id desc limit 1`.execute(db)
  const [last] = rows
  if (last === undefined) return null
  if (last.answer !== null) return { kind: 'answered', answer: last.answer }
  return now - last.at < LOST_AFTER_MS ? { kind: 'under way' } : null
}

const fresh = async (
  db: Database,
  { budget, charge, query, snapshot, now }: Reserving,
): Promise<Reservation> => {
  const limit = brokenBy(budget, charge, await spentOn(db, budget, now))
  if (limit !== null) return { kind: 'refused', limit }
  const { rows } = await sql<{ id: string }>`
    insert into spent (budget, charge, question, snapshot, at)
    values (${budget.name}, ${JSON.stringify(charge)}, ${digestOf(query)}, ${snapshot}, ${new Date(now)})
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
    const { rows } = await sql<{ charge: string; times: number }>`
      select charge, count(*)::int as times from spent where budget = ${name} and at > ${since} group by charge`.execute(
      db,
    )
    found.set(
      reach,
      rows.map(({ charge, times }) => ({ charge: JSON.parse(charge) as Charge, times })),
    )
  }
  return (reach) => found.get(reach) ?? []
}
