import type { Migration } from '../../database.ts'
import { standingStatements } from '../../standing/sql-standings.ts'

const ROLE = 'assent_vectors'

/**
 * `extensionSchema` is where the extension is on this server: its types and operators are found there. Vectors of all models
 * are in one table; each model that is large enough has an index of its own dimensions.
 */
export const vectorsMigration = (extensionSchema: string): Migration => ({
  schema: 'vectors',
  role: ROLE,
  besides: [extensionSchema],
  statements: [...VECTORS, ...HANDED_OUT, ...GRANTS, ...countedAs(ROLE), ...USED],
})

const HANDED_OUT: readonly string[] = [
  `create table search_count (
      client text not null,
      purpose text not null,
      window_start bigint not null,
      searches int not null,
      primary key (client, purpose)
    )`,
  `create table handed_out (
      client text not null,
      purpose text not null,
      about text collate "C" not null,
      among text not null check (among in ('items', 'people')),
      result text collate "C" not null,
      at bigint not null,
      primary key (client, purpose, about, among, result)
    )`,
  `comment on column handed_out.about is 'a pid; empty: nobody in particular'`,
  `create index on handed_out (at)`,
  `create index on handed_out (result) where among = 'people'`,
  `create index on handed_out (about) where about <> ''`,
  `create table retrieval (
      id bigint generated always as identity primary key,
      at bigint not null,
      client text not null,
      purpose text not null,
      about text collate "C",
      among text not null,
      model text not null,
      k int not null,
      given int not null,
      outcome text not null
    )`,
  `create index on retrieval (about) where about is not null`,
  `create index on retrieval (at)`,
]

const countedAs = (role: string): readonly string[] => [
  `create table counted_as (
      pid text collate "C" primary key,
      newest text collate "C" not null
    )`,
  `comment on table counted_as is 'pids that people had before, with the one under which is counted what is handed out for them'`,
  `create index on counted_as (newest)`,
  `grant select, insert, update, delete on counted_as to ${role}`,
]

/** The counts without vectors, for a server without the extension. Under another name: these are not the first tables of those. */
export const handedOutMigration: Migration = {
  schema: 'handed_out',
  role: 'assent_handed_out',
  statements: [
    ...standingStatements('assent_handed_out'),
    ...HANDED_OUT,
    `grant select, insert, update, delete on search_count, handed_out, retrieval to assent_handed_out`,
    ...countedAs('assent_handed_out'),
  ],
}

const VECTORS: readonly string[] = [
  ...standingStatements(ROLE),
  `create index on standing (scope, pid) where granted`,
  `create table model (
      id int generated always as identity primary key,
      name text collate "C" not null unique,
      dims int not null check (dims between 1 and 2000),
      card text not null
    )`,
  `create table item (
      model int not null references model on delete cascade,
      item text collate "C" not null,
      embedding vector not null,
      primary key (model, item)
    )`,
  `create table drawn (
      model int not null references model on delete cascade,
      pid text collate "C" not null,
      primary key (model, pid)
    )`,
  `comment on table drawn is 'whose noise was drawn: a second drawing would let both be averaged'`,
  `create table person (
      model int not null references model on delete cascade,
      pid text collate "C" not null,
      scope text collate "C" not null,
      consent_id text not null,
      consent_revision bigint not null,
      sigma float8 not null check (sigma >= 0),
      clip float8 not null check (clip > 0),
      embedding vector,
      key_id text,
      sealed bytea,
      primary key (model, pid),
      check ((embedding is null) = (sealed is not null)),
      check ((sealed is null) = (key_id is null))
    )`,
  `create index on person (pid)`,
  `create index on person (model, scope) where sealed is not null`,
  `create table data_key (
      id text primary key,
      wrapped_by text not null,
      wrapped bytea not null
    )`,
]

const GRANTS: readonly string[] = [
  `grant select, insert, delete on model, item, drawn, data_key to ${ROLE}`,
  `grant select, insert, update, delete on person, search_count, handed_out, retrieval to ${ROLE}`,
]

const USED: readonly string[] = [
  `alter table model
      add column used_at bigint not null default (extract(epoch from now()) * 1000)::bigint,
      add column is_retired boolean not null default false`,
  `comment on column model.is_retired is 'its vectors are gone; whose noise was drawn with it is known as long as they are'`,
  `grant update (used_at, is_retired) on model to ${ROLE}`,
]
