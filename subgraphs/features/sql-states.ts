import { type Kysely, sql } from 'kysely'
import { alive, blocked } from '../standing/sql-alive.ts'
import type { FeatureState } from './materialise/feature-state.ts'
import type { StateKey, StateRow } from './store.ts'

/**
 * What is kept of a person's events of one type, for all features that are computed from them under one scope: an event changes
 * them all, so they are one row. It rests on the eldest of what they rest on, and where that is gone all of them are read anew.
 * What is in it is nobody's business but of whoever computes: it is text to the database, and goes in and out as one.
 */
export async function readStates(
  db: Kysely<never>,
  keys: readonly StateKey[],
  now: number,
): Promise<StateRow[]> {
  const asked = [...groupedBy(keys).values()]
  if (asked.length === 0) return []
  const { rows } = await sql<{ places: string | null; states: string | null }>`
    select string_agg(place::text, ' ') as places, string_agg(states, chr(10)) as states from (
      select place, states from unnest(${pidsOf(asked)}::text[], ${scopesOf(asked)}::text[], ${eventsOf(asked)}::text[])
        with ordinality as asked (pid, scope, event, place) join state using (pid, scope, event)
      where ${alive({ pid: 'state.pid', scope: 'state.scope', revision: 'state.consent_revision' }, now)}
        and not ${blocked('state.pid')}
      order by place) as found`.execute(db)
  const { places, states } = rows[0] ?? { places: null, states: null }
  if (places === null || states === null) return []
  const kept = JSON.parse(`[${states.replaceAll('\n', ',')}]`) as readonly Named[]
  return places.split(' ').flatMap((place, at) => {
    const named = kept[at] ?? {}
    return (asked[Number(place) - 1] ?? []).flatMap((key) => {
      const state = Object.hasOwn(named, key.feature) ? named[key.feature] : undefined
      return state === undefined ? [] : [{ ...key, state }]
    })
  })
}

type Named = Readonly<Record<string, FeatureState>>

/** Takes those that are alive at this very moment. */
export async function writeStates(
  db: Kysely<never>,
  states: readonly StateRow[],
  now: number,
): Promise<void> {
  const all = [...groupedBy(states).values()]
  for (let start = 0; start < all.length; start += AT_ONCE) {
    const given = all.slice(start, start + AT_ONCE)
    // oxlint-disable-next-line no-await-in-loop -- one connection, one statement after the other
    await sql`
      insert into state as kept (pid, scope, event, consent_revision, names, states)
      select pid, scope, event, revision, string_to_array(names, ' '), states
      from unnest(${pidsOf(given)}::text[], ${scopesOf(given)}::text[], ${eventsOf(given)}::text[],
        ${given.map(eldestOf)}::bigint[], ${given.map(namesOf)}::text[],
        string_to_array(${given.map(textOf).join('\n')}::text, chr(10)))
        as given (pid, scope, event, revision, names, states)
      where ${alive({ pid: 'given.pid', scope: 'given.scope', revision: 'given.revision' }, now)}
        and not ${blocked('given.pid')}
      order by pid, scope, event
      on conflict (pid, scope, event) do update set (consent_revision, names, states) = (
        select case when is_whole then excluded.consent_revision
            else least(kept.consent_revision, excluded.consent_revision) end,
          case when is_whole then excluded.names
            else array(select unnest(kept.names) union select unnest(excluded.names)) end,
          case when is_whole then excluded.states else (kept.states::jsonb || excluded.states::jsonb)::text end
        from (select kept.names <@ excluded.names
          or not ${alive({ pid: 'kept.pid', scope: 'kept.scope', revision: 'kept.consent_revision' }, now)} as is_whole)
          as it)`.execute(db)
  }
}

const AT_ONCE = 2_000

/** By person, scope and type of event; none is empty, and no feature is in one twice. */
function groupedBy<T extends StateKey>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const name = `${one.scope} ${one.event} ${one.pid}`
    const known = groups.get(name)
    if (known === undefined) groups.set(name, [one])
    else if (!known.some(({ feature }) => feature === one.feature)) known.push(one)
  }
  return groups
}

type Groups = readonly (readonly StateKey[])[]

const pidsOf = (groups: Groups): string[] => groups.map(([one]) => one?.pid ?? '')
const scopesOf = (groups: Groups): string[] => groups.map(([one]) => one?.scope ?? '')
const eventsOf = (groups: Groups): string[] => groups.map(([one]) => one?.event ?? '')

/** No name of a feature has a space. */
const namesOf = (group: readonly StateKey[]): string => group.map(({ feature }) => feature).join(' ')

const textOf = (group: readonly StateRow[]): string =>
  JSON.stringify(Object.fromEntries(group.map(({ feature, state }) => [feature, state])))

const eldestOf = (group: readonly StateRow[]): string =>
  group.reduce(
    (least, { state: { revision } }) => (least === '' || BigInt(revision) < BigInt(least) ? revision : least),
    '',
  )
