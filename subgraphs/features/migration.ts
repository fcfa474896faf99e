import type { Migration } from '../database.ts'
import { standingStatements } from '../standing/sql-standings.ts'

const ROLE = 'assent_features'

export const HOUR_MS = 3_600_000

/**
 * One row a person and scope, because consent is asked for exactly that: what was heard of it is joined row to row, and the
 * values of twenty features are four rows and not twenty. Times are milliseconds since the epoch.
 */
export const featuresMigration: Migration = {
  schema: 'features',
  role: ROLE,
  statements: [
    `create table feature (
      pid text not null,
      feature text not null,
      value jsonb not null,
      scope text not null,
      consent_id text not null,
      computed_at timestamptz not null,
      expires_at timestamptz not null check (expires_at > computed_at),
      primary key (pid, feature)
    )`,
    `create index on feature (expires_at)`,
    `grant select, insert, update, delete on feature to assent_features`,
    // What was computed before anybody said which consent it rests on cannot be served; it is computed again.
    `drop table feature`,
    ...standingStatements(ROLE),
    `create index on standing (revision)`,
    `create table served (
      pid text collate "C" not null,
      scope text collate "C" not null,
      consent_id text not null,
      consent_revision bigint not null,
      expires_at bigint not null,
      due_at bigint,
      vals jsonb not null,
      lineage jsonb not null,
      primary key (pid, scope)
    )`,
    `comment on column served.vals is 'feature: [value, computed at, expires at, due at]'`,
    `create index on served (expires_at)`,
    `create index on served (due_at)`,
    `create table state (
      pid text collate "C" not null,
      feature text collate "C" not null,
      scope text collate "C" not null,
      consent_revision bigint not null,
      digest text not null,
      buckets jsonb not null,
      primary key (pid, feature)
    )`,
    `create table progress (
      single boolean primary key default true check (single),
      position bigint not null,
      as_of bigint not null,
      revision bigint not null
    )`,
    `insert into progress (position, as_of, revision) values (0, 0, 0)`,
    `grant select, insert, update, delete on served, state to ${ROLE}`,
    `grant select, update on progress to ${ROLE}`,
    // What is served is the values alone: times are read where lineage is asked for, and turning them into text takes longest.
    `create function plain_values(vals jsonb) returns text language sql immutable strict as $$
      select coalesce(jsonb_object_agg(name, it -> 0), '{}')::text from jsonb_each(vals) as each_of (name, it) $$`,
    `alter table served add column plain text not null generated always as (plain_values(vals)) stored`,
    // Reads ask how somebody stands and nothing else of it: with what they ask in the index, they do not go on to the table.
    `alter table standing drop constraint standing_pkey, add primary key (pid, scope) include (granted, expires_at, cut)`,
    `alter table progress add column policy text, add column policy_up_to text`,
    `create index on standing (pid) where granted and receipt like 'policy:%'`,
    // A generated column is made for what is inserted and for what comes of a conflict, each time: whoever writes knows both.
    `alter table served alter column plain drop expression`,
    `alter table served set (fillfactor = 90)`,
    // A value that is computed again ends some moments later. No index says so before the hour is another one, and a row whose
    // indexes stay as they are is written in its own page alone.
    `drop index served_expires_at_idx`,
    `alter table served add column ends_in_hour bigint not null generated always as (expires_at / ${HOUR_MS}) stored`,
    `create index on served (ends_in_hour)`,
    // What was kept of events is read anew from them where it is not there.
    `drop table state`,
    `create table state (
      pid text collate "C" not null,
      scope text collate "C" not null,
      event text collate "C" not null,
      consent_revision bigint not null,
      names text[] not null,
      states text not null,
      primary key (pid, scope, event)
    ) with (fillfactor = 70)`,
    `comment on column state.states is 'feature: what is kept of its events; names are its keys'`,
    `grant select, insert, update, delete on state to ${ROLE}`,
  ],
}
