/** Events are added and taken away, and never changed: the role of the owner cannot, and a trigger holds for everybody else. */
export const EVENT_TABLES: readonly string[] = [
  `create sequence event_position`,
  `create table event (
    position bigint primary key default nextval('event_position'),
    source text not null,
    event_id text not null,
    type text not null,
    version int not null check (version >= 1),
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    pid text collate "C" not null,
    scope text collate "C",
    consent_id text,
    consent_revision bigint,
    data jsonb not null,
    expires_at timestamptz not null check (expires_at > occurred_at),
    unique (source, event_id),
    check ((consent_id is null) = (consent_revision is null)),
    check (consent_id is null or scope is not null)
  )`,
  `create index on event (pid, position)`,
  `create index on event (type, position)`,
  `create index on event (expires_at)`,
  `create function events_stay() returns trigger language plpgsql as $$
    begin
      raise exception 'an event stays as it was sent' using errcode = 'restrict_violation';
    end $$`,
  `create trigger events_stay before update on event for each row
    when ((old.position, old.source, old.event_id, old.type, old.version, old.occurred_at, old.received_at, old.scope,
        old.consent_id, old.consent_revision, old.data, old.expires_at)
      is distinct from (new.position, new.source, new.event_id, new.type, new.version, new.occurred_at, new.received_at,
        new.scope, new.consent_id, new.consent_revision, new.data, new.expires_at)) execute function events_stay()`,
  // Pids change with their keys. Until an elder one is forgotten it is read under the new one; then it is replaced, which is
  // the one thing that ever changes in a row, and which only this function can do.
  `create table renamed_pid (elder text collate "C" primary key, pid text collate "C" not null)`,
  `create index on renamed_pid (pid)`,
  `create function forget_elder_pids(gone text[]) returns void language sql security definer set search_path = events as $$
    update event set pid = renamed_pid.pid from renamed_pid
      where event.pid = renamed_pid.elder and renamed_pid.elder = any(gone);
    delete from event where pid = any(gone);
    delete from renamed_pid where elder = any(gone);
  $$`,
  `revoke execute on function forget_elder_pids(text[]) from public`,
  `grant execute on function forget_elder_pids(text[]) to assent_events`,
  `grant select, insert, delete on event to assent_events`,
  `grant select, insert, update, delete on renamed_pid to assent_events`,
  `grant usage on sequence event_position to assent_events`,
]
