/** As they were when these statements were released; one that is added later is added by a statement of its own. */
const STATUSES = `'requested', 'request_deferred', 'refused', 'given', 'renewed', 'withdrawn', 'revoked', 'expired',
        'invalidated', 'unknown'`

/** Who is told of a change is told through what it came, and how long ago it was taken. */
export const CHANGE_ORIGIN: readonly string[] = [
  `alter table change add column initiator text, add column surface text,
    add column recorded_at timestamptz not null default clock_timestamp()`,
  `grant update (initiator, surface) on change to assent_consent`,
]

/** Who follows the log sees whether a yes had run out before the next word was said. */
export const CHANGE_EXPIRY: readonly string[] = [
  `alter table change add column expires_at timestamptz`,
  `grant update (expires_at) on change to assent_consent`,
]

/**
 * The tables of the receipts. `receipt` is evidence and only ever added to; `person` keeps the keys and, of who was
 * erased, the tombstone; `head` is what decisions read, and can be made again from the receipts; `change` is the order
 * in which everything was written, for who follows it.
 */
export const RECEIPT_TABLES: readonly string[] = [
  `create table person (
    pid text primary key,
    chain uuid not null unique,
    key bytea,
    master_id text,
    destroyed_at timestamptz,
    suppressed boolean not null default false,
    revision bigint not null,
    check ((key is null) = (destroyed_at is not null)),
    check ((key is null) = (master_id is null))
  )`,
  // Whatever asks for it: a key that was destroyed is never made again, so that what it sealed stays unreadable.
  `create function tombstones_stay() returns trigger language plpgsql as $$
    begin
      raise exception 'an erased person stays erased' using errcode = 'restrict_violation';
    end $$`,
  `create trigger tombstones_stay before update on person for each row
    when (old.destroyed_at is not null) execute function tombstones_stay()`,
  `create table receipt (
    revision bigint primary key,
    chain uuid not null,
    position int not null check (position >= 1),
    sealed bytea not null,
    previous bytea not null check (octet_length(previous) = 32),
    hash bytea not null check (octet_length(hash) = 32),
    signature bytea,
    signer_id text,
    unique (chain, position),
    check ((signature is null) = (signer_id is null))
  )`,
  // The empty text stands for every channel, region or brand: nothing in a primary key is null.
  `create table head (
    subject text not null,
    scope text not null,
    channel text not null,
    region text not null,
    brand text not null,
    consent_id text not null,
    status text not null check (status in (${STATUSES})),
    at timestamptz not null,
    expires_at timestamptz,
    version int not null check (version >= 1),
    revision bigint not null,
    primary key (subject, scope, channel, region, brand)
  )`,
  // Of an erased person only the fact remains that there was a write, and the erasure itself.
  `create table change (
    revision bigint primary key,
    is_receipt boolean not null,
    subject text,
    consent_id text unique,
    statement text,
    scope text,
    channel text,
    region text,
    brand text,
    status text check (status in (${STATUSES}, 'suppressed', 'erased', 'suppression_lifted')),
    at timestamptz
  )`,
  `create index on change (subject, statement)`,
  `grant select, insert on receipt to assent_consent`,
  `grant select, insert on person to assent_consent`,
  `grant update (key, master_id, destroyed_at, suppressed, revision) on person to assent_consent`,
  `grant select, insert, update, delete on head to assent_consent`,
  `grant select, insert on change to assent_consent`,
  `grant update (subject, consent_id, statement, scope, channel, region, brand, status, at) on change to assent_consent`,
]
