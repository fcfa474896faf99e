const LINK_STATUSES = `'requested', 'request_deferred', 'refused', 'given', 'renewed', 'withdrawn', 'revoked', 'expired',
        'invalidated', 'unknown', 'suppressed', 'erased', 'suppression_lifted', 'linked', 'unlinked'`

/**
 * `link_log` is evidence and only ever added to. `link` is what it comes to, and `linked` who is one person with whom by
 * the links in force: what decisions read, made again from the log.
 */
export const linkStatements: readonly string[] = [
  `create table link_log (
    position bigint primary key,
    entry text not null,
    previous bytea not null check (octet_length(previous) = 32),
    hash bytea not null check (octet_length(hash) = 32),
    signature bytea,
    signer_id text,
    check ((signature is null) = (signer_id is null))
  )`,
  `create table link (
    decision text primary key,
    kind text not null check (kind in ('merged', 'renamed')),
    pids text[] not null,
    at timestamptz not null,
    by text not null,
    taken_at timestamptz not null,
    revision bigint not null,
    undone bigint,
    component bigint
  )`,
  `create index link_of_component on link (component) where component is not null`,
  `create table linked (pid text primary key, component bigint not null)`,
  `create index linked_component on linked (component)`,
  `alter table change drop constraint change_status_check,
    add constraint change_status_check check (status in (${LINK_STATUSES})), add column decision text`,
  `grant select, insert on link_log to assent_consent`,
  `grant select, insert, update, delete on link, linked to assent_consent`,
]
