import { readFileSync } from 'node:fs'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { createMemoryOwnershipStore } from '../../subgraphs/ownership/memory-store.ts'
import { type Basis, type ProfileWritesParts } from '../../subgraphs/ownership/profile-writes.ts'
import { readRegistry } from '../../subgraphs/ownership/read-registry.ts'
import type { Registry } from '../../subgraphs/ownership/registry.ts'
import { createMemoryStandings, type MemoryStandings } from '../../subgraphs/standing/memory-standings.ts'

export const NOON = Date.UTC(2026, 4, 1, 12)

const FIELDS = new URL('../../ownership/fields.yaml', import.meta.url)

/** The registry of this repository. */
export const ownFields = (): Registry => (known ??= readOwnFields())

let known: Registry | undefined

function readOwnFields(): Registry {
  const text = readFileSync(FIELDS, 'utf8')
  const { registry, faults } = readRegistry({ file: 'ownership/fields.yaml', text }, standardVocabulary)
  if (registry === null) throw new Error(JSON.stringify(faults))
  return registry
}

export interface ProfileDesk extends ProfileWritesParts {
  readonly standings: MemoryStandings
  /** When a yes was said, by its revision; default: a day before `NOON`. */
  readonly since: Map<string, number>
  now: number
}

/** Where systems write of Ada, Bo, Cyd and Dee. Nobody has said yes to anything yet. */
export function openProfileDesk(): ProfileDesk {
  const standings = createMemoryStandings()
  const since = new Map<string, number>()
  const desk: ProfileDesk = {
    now: NOON,
    standings,
    since,
    registry: ownFields(),
    store: createMemoryOwnershipStore(standings),
    tokens: createPseudonymizer({ keys: [{ version: 1, secret: 'k'.repeat(32) }], current: 1 }),
    people: { known: async (pids) => new Set(pids.filter((pid) => PEOPLE.includes(pid))) },
    basis: basisIn(standings, since),
    currency: { isCurrent: () => true },
    clock: () => desk.now,
  }
  return desk
}

const PEOPLE = ['ada', 'bo', 'cyd', 'dee']

const basisIn = (standings: MemoryStandings, since: ReadonlyMap<string, number>): Basis => ({
  of: async (pairs) =>
    Promise.all(
      pairs.map(async (pair) => {
        const [standing] = await standings.of([pair])
        if (standing === undefined || !standing.granted || standing.receipt === null) return null
        const { scope, receipt: consentId, basis: revision } = standing
        return { scope, consentId, revision, since: since.get(revision) ?? NOON - 86_400_000 }
      }),
    ),
})

/** A yes, or a no, of one person as the follower hears it. */
export const heard = (pid: string, scope: string, revision: number, granted = true) => ({
  pid,
  scope,
  granted,
  receipt: granted ? `rc-${revision}` : null,
  expiresAt: null,
  revision: String(revision),
  cut: granted ? '0' : String(revision),
  basis: granted ? String(revision) : '0',
})
