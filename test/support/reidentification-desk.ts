import {
  type Asker,
  type ReidentificationOptions,
  STANDARD_TERMS,
} from '../../subgraphs/identity/reidentification/asking.ts'
import type { Authority } from '../../subgraphs/identity/reidentification/authority.ts'
import {
  createCedarAuthority,
  defaultPolicies,
} from '../../subgraphs/identity/reidentification/cedar-authority.ts'
import { createMemoryReidentificationStore } from '../../subgraphs/identity/reidentification/memory-reidentification-store.ts'
import { openReidentification } from '../../subgraphs/identity/reidentification/reidentification.ts'
import { type StaffMember, staffRegister } from '../../subgraphs/identity/reidentification/staff.ts'
import { createMemorySealedStore } from '../../subgraphs/identity/vault/memory-sealed-store.ts'
import type { RawRecord } from '../../subgraphs/identity/vault/raw-record.ts'
import { openVault } from '../../subgraphs/identity/vault/sealed-vault.ts'
import { createTestRing } from './data-key-ring.ts'

const STAFF: readonly StaffMember[] = [
  { person: 'cyd', names: ['cyd@desk', 'cyd-by-night'], roles: ['requester', 'approver'] },
  { person: 'dee', names: ['dee@desk'], roles: ['approver'] },
  { person: 'bo', names: ['bo@desk', 'p1_bo'], roles: ['approver', 'requester'] },
  { person: 'eve', names: ['eve@desk', 'p1_bo_before'], roles: ['approver'] },
  { person: 'ann', names: ['ann@desk'], roles: ['auditor'] },
]

export const adaInCrm: RawRecord = {
  source: 'crm',
  recordId: 'ada.lind',
  givenName: 'Ada',
  familyName: 'Lind',
  email: 'ada@example.org',
  phone: '+49 30 1234567',
  dateOfBirth: '1990-02-09',
  deviceIds: ['device-of-ada'],
}
const adaInShop: RawRecord = {
  source: 'shop',
  recordId: '7',
  givenName: 'Ada',
  email: 'ada@shop.example',
}

export const asker = (name: string | null, purpose = 'legal_request'): Asker => ({
  name,
  purpose,
  client: 'legal',
})

/** Read once: every desk has the same. */
let authority: Promise<Authority> | undefined

/** Ada stands behind `p1_ada`; Bo of the staff is a customer, too, and was once two. */
export async function openDesk(changes: Partial<ReidentificationOptions> = {}) {
  const ring = createTestRing()
  let now = Date.UTC(2026, 4, 1, 9)
  const clock = () => now
  const vault = await openVault({ store: createMemorySealedStore(), ring, clock })
  await vault.put([adaInCrm, adaInShop])
  const owned = new Map([['p1_ada', [vault.nameOf(adaInCrm), vault.nameOf(adaInShop)]]])
  const today = new Map([
    ['p1_bo', 'p1_bo'],
    ['p1_bo_before', 'p1_bo'],
  ])
  const opened: string[][] = []
  const options: ReidentificationOptions = {
    store: createMemoryReidentificationStore(),
    ring,
    vault: {
      open(names) {
        opened.push([...names])
        return vault.open(names)
      },
    },
    authority: await (authority ??= createCedarAuthority(defaultPolicies())),
    staff: staffRegister(STAFF),
    people: {
      recordsOf: async (pid) => owned.get(pid) ?? [],
      peopleBehind: async (names) => new Set(names.flatMap((name) => today.get(name) ?? [])),
    },
    terms: STANDARD_TERMS,
    clock,
    ...changes,
  }
  const desk = await openReidentification(options)
  const ask = (by = 'cyd@desk', input: Partial<Parameters<typeof desk.request>[1]> = {}) =>
    desk.request(asker(by), {
      pid: 'p1_ada',
      fields: ['EMAIL'],
      legalTicket: 'AZ-2026-114',
      reason: 'Order of the district court of 4 May about a stolen card',
      ...input,
    })
  return {
    desk,
    options,
    vault,
    owned,
    /** What was opened in the vault, call by call. */
    opened,
    ask,
    /** Asked by Cyd, approved by Dee and Bo. */
    async approved(input: Parameters<typeof ask>[1] = {}) {
      const { id } = await ask('cyd@desk', input)
      await desk.approve(asker('dee@desk'), id)
      await desk.approve(asker('bo@desk'), id)
      return id
    },
    later: (ms: number) => {
      now += ms
    },
    trail: async () =>
      (await options.store.trail(0, 1000)).map(({ entry }) => JSON.parse(entry) as Record<string, unknown>),
  }
}
