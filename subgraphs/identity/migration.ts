import type { Migration } from '../database.ts'
import { feedStatements } from './changes/sql-feed.ts'
import { keyBookStatements } from './pseudonyms/sql-key-book.ts'
import { lookupLogStatements } from './pseudonyms/sql-lookup-log.ts'
import { renameStatements } from './sql-rename.ts'

/** Who is who, in tokens; raw values are in the vault. */
export const identityMigration: Migration = {
  schema: 'identity',
  role: 'assent_identity',
  statements: [
    `create table person (
       pid text primary key,
       position bigint generated always as identity unique)`,
    `create table record (
       seq bigint generated always as identity primary key,
       source text not null,
       record_id text not null,
       pid text not null references person (pid),
       given_name text not null,
       family_name text not null,
       email text,
       phone text,
       date_of_birth text,
       region text,
       language text,
       household text,
       account_id text,
       account_name text,
       unique (source, record_id))`,
    `create index record_of_person on record (pid, seq)`,
    `create index record_of_household on record (household) where household is not null`,
    `create table has (
       record bigint not null references record (seq) on delete cascade,
       kind text not null,
       token text not null,
       primary key (record, kind))`,
    `create index has_token on has (token)`,
    `create table device (
       record bigint not null references record (seq) on delete cascade,
       id text not null,
       kind text not null,
       last_seen text not null,
       primary key (record, id))`,
    `grant select, insert, update, delete on person, record, has, device to assent_identity`,
    ...keyBookStatements,
    // Every record is the seed of a person of its own, and decisions say which are one person's.
    `alter table record
       add seed text, add was_person boolean not null default false, add since bigint not null default 0,
       add gone_at bigint, add heir_by text,
       alter source drop not null, alter record_id drop not null, alter pid drop not null,
       alter given_name drop not null, alter family_name drop not null,
       drop constraint record_pid_fkey`,
    `update record set seed = pid, was_person = true
     where seq in (select min(seq) from record group by pid)`,
    // Pids that nobody was ever answered under: no key makes them, and none has to.
    `update record set seed = 'p0_' || replace(gen_random_uuid()::text, '-', '') where seed is null`,
    `alter table record alter seed set not null`,
    `create unique index record_seed on record (seed)`,
    `create index record_people on record (seq) where pid = seed`,
    `drop table person`,
    `drop index has_token`,
    `create index has_token on has (token, record)`,
    `create sequence decision_position`,
    `create table merge (
       decision_id text primary key,
       position bigint not null unique,
       a bigint not null references record (seq),
       b bigint not null references record (seq),
       body json not null,
       effective_at bigint,
       undone json,
       consent text not null)`,
    `create index merge_a on merge (a)`,
    `create index merge_b on merge (b)`,
    `create index merge_untold on merge (consent, position) where consent in ('asked', 'ending')`,
    // Imports before this version joined records without a decision: here it is.
    `insert into merge (decision_id, position, a, b, body, effective_at, consent)
     select 'm_' || gen_random_uuid(), nextval('decision_position'), first.seq, record.seq,
            json_build_object('how', 'rule', 'by', 'shared-identifier@1', 'evidence', '[]'::json, 'prior', null,
              'probability', null, 'actor', 'shared-identifier@1', 'at', 0, 'reason', null, 'isJoin', true),
            0, 'silent'
     from record join record as first on first.seed = record.pid and first.seq <> record.seq
     order by record.seq`,
    `create table separation (
       decision_id text primary key,
       position bigint not null unique,
       a bigint not null references record (seq),
       b bigint not null references record (seq),
       body json not null)`,
    `create index separation_a on separation (a)`,
    `create index separation_b on separation (b)`,
    `create table possible_match (
       decision_id text primary key,
       position bigint not null unique,
       a bigint not null references record (seq),
       b bigint not null references record (seq),
       body json not null,
       decided json,
       unique (a, b))`,
    `create index possible_match_b on possible_match (b)`,
    `create index possible_match_open on possible_match (position) where decided is null`,
    `create table untold_change (id text primary key, position bigint not null unique, body json not null)`,
    `grant select, insert, update on merge, separation, possible_match to assent_identity`,
    `grant select, insert, delete on untold_change to assent_identity`,
    `grant usage, select, update on sequence decision_position to assent_identity`,
    ...renameStatements,
    // Raw values are in the vault; tables that still have some are refused before (`refuseRawRecords`).
    `alter table record drop given_name, drop family_name, drop email, drop phone, drop date_of_birth,
       drop account_name`,
    ...feedStatements,
    ...lookupLogStatements,
    // What a merge made of the fields of two people is kept with it: for that, which fields a record has a value of.
    `alter table record add says text[]`,
    `update record set says = array_remove(array[
       'displayName', case when region is null then null else 'region' end,
       (select 'email' from has where has.record = seq and kind = 'EMAIL' limit 1),
       (select 'phone' from has where has.record = seq and kind = 'PHONE' limit 1)], null)
     where gone_at is null`,
    `alter table merge add fields json`,
  ],
}
