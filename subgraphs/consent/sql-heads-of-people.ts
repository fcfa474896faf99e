/**
 * Everything a decision needs of a person stands in the one row of that person, so that it costs one look-up a person:
 * `heads` is what `head` holds about them, as one text. The tables keep it themselves, whoever writes to `head`, a service of an
 * earlier version or a hand included, and nobody else may write it: who decides by a yes that `head` has no more would break
 * the promise of a withdrawal.
 *
 * Fields, heads and what surrounds them are separated by the ASCII characters for it (1F, 1E), which are in nothing that is
 * kept. Instants are milliseconds since the epoch: the text does not depend on how a session shows numbers.
 *
 * Keys are compared by their bytes: quicker than by the rules of a language, which also change with the operating system and
 * leave indexes behind that do not find what is there.
 */
export const headsOfPeople: readonly string[] = [
  `alter table head alter column subject type text collate "C"`,
  `alter table change alter column subject type text collate "C", alter column consent_id type text collate "C",
    alter column statement type text collate "C"`,
  `alter table linked alter column pid type text collate "C"`,
  `alter table person alter column pid type text collate "C", add column heads text,
    add constraint person_forgotten check (destroyed_at is null or heads is null)`,
  `create function heads_of(about text) returns text language sql stable as $$
    select string_agg(concat_ws(E'\\x1f', scope, channel, region, brand, consent_id, status,
      round(date_part('epoch', at) * 1000)::bigint,
      coalesce(round(date_part('epoch', expires_at) * 1000)::bigint::text, ''), version, revision),
      E'\\x1e' order by revision) from consent.head where subject = about $$`,
  `update person set heads = heads_of(pid) where destroyed_at is null`,
  // With the rights of whoever owns the tables: the role of the service has none on this column.
  `create function heads_follow() returns trigger language plpgsql security definer
    set search_path = pg_catalog, consent, pg_temp as $$
    begin
      update consent.person set heads = consent.heads_of(pid) from (select distinct subject from touched) as touched
      where pid = subject and destroyed_at is null;
      return null;
    end $$`,
  `create function heads_moved() returns trigger language plpgsql security definer
    set search_path = pg_catalog, consent, pg_temp as $$
    begin
      update consent.person set heads = consent.heads_of(pid)
      from (select subject from was union select subject from touched) as touched
      where pid = subject and destroyed_at is null;
      return null;
    end $$`,
  `create trigger heads_begun after insert on head referencing new table as touched
    for each statement execute function heads_follow()`,
  `create trigger heads_moved after update on head referencing old table as was new table as touched
    for each statement execute function heads_moved()`,
  `create trigger heads_gone after delete on head referencing old table as touched
    for each statement execute function heads_follow()`,
  // A person may come after their heads; of who is erased nothing is left.
  `create function heads_of_person() returns trigger language plpgsql as $$
    begin
      new.heads := case when new.destroyed_at is null then consent.heads_of(new.pid) end;
      return new;
    end $$`,
  `create trigger heads_of_new before insert on person for each row execute function heads_of_person()`,
  `create trigger heads_of_erased before update on person for each row
    when (new.destroyed_at is not null) execute function heads_of_person()`,
  `create function heads_again() returns void language sql security definer
    set search_path = pg_catalog, consent, pg_temp as $$
    update consent.person set heads = consent.heads_of(pid)
    where destroyed_at is null and heads is distinct from consent.heads_of(pid) $$`,
]
