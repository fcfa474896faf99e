import { type RawBuilder, sql } from 'kysely'

/** Columns by name (`event.pid`), or expressions. */
export interface AliveColumns {
  readonly pid: string | RawBuilder<unknown>
  readonly scope: string | RawBuilder<unknown>
  /** The revision a row rests on. */
  readonly revision: string | RawBuilder<unknown>
}

/**
 * The condition under which a row may be read, or taken: for `where`, in the schema in which `standingStatements` made the
 * tables. A row without a revision is not alive. `now` in milliseconds since the epoch.
 */
export function alive(columns: AliveColumns, now: number): RawBuilder<boolean> {
  return restsOnYes(columns, now, sql`held_granted`)
}

/** The condition under which a row stays: while it is alive, and while the yes it rests on waits for a policy and has not ended. */
function kept(columns: AliveColumns, now: number): RawBuilder<boolean> {
  return restsOnYes(columns, now, sql`(held_granted or held_basis > 0)`)
}

function restsOnYes(
  { pid, scope, revision }: AliveColumns,
  now: number,
  counts: RawBuilder<unknown>,
): RawBuilder<boolean> {
  // The columns of the inner table are renamed: a name of the outer one that is given without its table is never taken for one.
  return sql`exists (
    select from standing as held (held_pid, held_scope, held_granted, held_receipt, held_expires_at, held_revision, held_cut,
      held_basis)
    where held_pid = ${column(pid)} and held_scope = ${column(scope)} and ${counts}
      and (held_expires_at is null or held_expires_at > ${new Date(now)}::timestamptz)
      and held_cut < ${column(revision)})`
}

/**
 * The same condition for all rows of one person, looked up once: the scopes that hold, and where each is cut. A row is alive
 * where `aliveIn` is true of it. As arrays, because a join would be free to look again for each row. `isMeant`: of which scopes,
 * as `held_scope`.
 */
export function heldOf(pid: string, now: number, isMeant: RawBuilder<boolean>): RawBuilder<unknown> {
  return sql`(select array_agg(held_scope) as scopes, array_agg(held_cut) as cuts
    from standing as held (held_pid, held_scope, held_granted, held_receipt, held_expires_at, held_revision, held_cut,
      held_basis)
    where held_pid = ${column(pid)} and held_granted
      and (held_expires_at is null or held_expires_at > ${new Date(now)}::timestamptz) and ${isMeant})`
}

/**
 * The same condition for all people of one scope, to begin with: who holds (`held_pid`), and where they are cut (`held_cut`). A row
 * of theirs is alive where `held_cut` is below the revision that it rests on.
 */
export function holdersOf(scope: RawBuilder<unknown>, now: number): RawBuilder<unknown> {
  return sql`(select held_pid, held_cut
    from standing as held (held_pid, held_scope, held_granted, held_receipt, held_expires_at, held_revision, held_cut,
      held_basis)
    where held_scope = ${scope} and held_granted
      and (held_expires_at is null or held_expires_at > ${new Date(now)}::timestamptz))`
}

/** A scope that is not among those that hold has no cut, and what is compared with none is not true. */
export function aliveIn(held: string, { scope, revision }: Omit<AliveColumns, 'pid'>): RawBuilder<boolean> {
  const [scopes, cuts] = [sql.ref(`${held}.scopes`), sql.ref(`${held}.cuts`)]
  return sql`${cuts}[array_position(${scopes}, ${column(scope)})] < ${column(revision)}`
}

/** The condition under which nothing of a person may be used or taken, whatever it rests on. */
export function blocked(pid: string | RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`exists (select from standing_block as held (held_pid, held_kind, held_revision)
    where held_pid = ${column(pid)} and held_kind is not null)`
}

/** The condition under which nothing of a person may be there, whatever it rests on. */
export function erased(pid: string | RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`exists (select from standing_block as held (held_pid, held_kind, held_revision)
    where held_pid = ${column(pid)} and held_kind = 'erased')`
}

/** The condition under which a row is purged. One that rests on no consent stays until its person is erased. */
export function dead(columns: AliveColumns, now: number): RawBuilder<boolean> {
  const { pid, revision } = columns
  return sql`(${column(revision)} is not null and not ${kept(columns, now)} or ${erased(pid)})`
}

const column = (given: string | RawBuilder<unknown>): RawBuilder<unknown> =>
  typeof given === 'string' ? sql.ref(given) : given
