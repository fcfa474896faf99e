import type { Generated } from 'kysely'
import type { Migration } from '../migrate.ts'

export interface IdentityTables {
  person: { pid: string; position: Generated<string> }
  record: {
    seq: Generated<string>
    source: string
    record_id: string
    pid: string
    given_name: string
    family_name: string
    email: string | null
    phone: string | null
    date_of_birth: string | null
    region: string | null
    language: string | null
    household: string | null
    account_id: string | null
    account_name: string | null
  }
  has: { record: string; kind: 'EMAIL' | 'PHONE' | 'LOYALTY'; token: string }
  device: { record: string; id: string; kind: string; last_seen: string }
}

/** Where e-mail addresses and phone numbers are, and nobody's but this role's. */
export const identityMigration: Migration = {
  schema: 'identity',
  role: 'identity_owner',
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
       primary key (record, token))`,
    `create index has_token on has (token, record)`,
    `create table device (
       record bigint not null references record (seq) on delete cascade,
       id text not null,
       kind text not null,
       last_seen text not null,
       primary key (record, id))`,
    `grant select, insert, update, delete on person, record, has, device to identity_owner`,
  ],
}
