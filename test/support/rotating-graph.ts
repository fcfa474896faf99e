import { consentWork } from '../../subgraphs/identity/graph/consent-work.ts'
import { deleteRecord } from '../../subgraphs/identity/graph/delete-record.ts'
import { mergeRecords } from '../../subgraphs/identity/graph/merge-records.ts'
import { settle } from '../../subgraphs/identity/graph/settle.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createMemoryKeyBook, type KeyBook } from '../../subgraphs/identity/pseudonyms/key-book.ts'
import { type KeyRing, openKeyRing, STANDARD_FORMAT } from '../../subgraphs/identity/pseudonyms/key-ring.ts'
import { createPseudonymizer, type Pseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { rotateKeys, type RotationProgress } from '../../subgraphs/identity/rotation/rotate-keys.ts'
import { rawIdentitiesIn } from '../../subgraphs/identity/raw-identities.ts'
import type { RotationPorts } from '../../subgraphs/identity/rotation/rotation-ports.ts'
import { type CustomerRecord, type IdentityStore, recordKey } from '../../subgraphs/identity/store.ts'
import { fakeLinkedConsent } from './linked-consent.ts'
import { openTestVault } from './open-test-vault.ts'
import { memoryKms } from './memory-kms.ts'

export const WINDOW_MS = 60_000

export const record = (recordId: string, rest: Partial<CustomerRecord> = {}): CustomerRecord => ({
  source: 'crm',
  recordId,
  givenName: recordId,
  familyName: 'Lind',
  region: 'DE',
  devices: [],
  ...rest,
})

const device = { id: 'phone-7', kind: 'phone', lastSeen: '2026-03-01T00:00:00.000Z' }
export const PEOPLE = {
  ada: record('ada', { email: 'ada@example.org', householdId: 'h1', devices: [device] }),
  adaInShop: record('ada', { source: 'shop', email: 'ada@example.org', phone: '030 1234567' }),
  bo: record('bo', { email: 'bo@example.org', householdId: 'h1', company: 'Acme' }),
  cyd: record('cyd', { phone: '030 7654321' }),
  dee: record('dee', { email: 'dee@example.org', loyalty: 'L-1' }),
  deeAgain: record('dee', { source: 'shop', loyalty: 'L-1' }),
}

export type RotatingGraph = Awaited<ReturnType<typeof rotatingGraph>>

/**
 * Ada with two records, Bo and Cyd merged by a clerk, and Dee, whose older record was deleted; with what is around them
 * when keys change. `store` is empty, and so is `book`.
 */
export async function rotatingGraph(store: IdentityStore, book: KeyBook = createMemoryKeyBook()) {
  const kms = memoryKms()
  const fake = fakeLinkedConsent()
  const behind = new Set<string>()
  let now = 1_000_000
  const clock = (): number => now
  const openRing = (): Promise<KeyRing> => openKeyRing({ kms, book, clock })
  const pseudonymizer = createPseudonymizer({ ring: await openRing() })
  const people: CustomerRecord[] = Object.values(PEOPLE)
  const vault = await openTestVault()
  await importRecords(people, { store, vault, pseudonymizer, clock })
  const keyOf = ({ source, recordId }: CustomerRecord): string =>
    recordKey({ source, recordId: vault.nameOf({ source, recordId }) })
  const [bo, cyd] = await store.look((graph) => graph.byKey([PEOPLE.bo, PEOPLE.cyd].map(keyOf)))
  const draft = { how: 'person', by: 'by-hand@1', evidence: [], prior: null, probability: null } as const
  await store.change((graph) =>
    mergeRecords(
      graph,
      { ...draft, a: bo?.id ?? 0, b: cyd?.id ?? 0, actor: 'clerk-7', reason: null },
      clock(),
    ),
  )
  await settle(consentWork(store), fake.consent, clock)
  await store.change((graph) => deleteRecord(graph, keyOf(PEOPLE.dee), clock()))
  await settle(consentWork(store), fake.consent, clock)
  await store.change(async (graph) => graph.toldChanges((await graph.untoldChanges(100)).map(({ id }) => id)))

  /** A new process each time. */
  const ports = async (): Promise<RotationPorts> => {
    const ring = await openRing()
    return {
      keys: ring.rotation(),
      pseudonymizer: createPseudonymizer({ ring }),
      graph: store,
      raw: rawIdentitiesIn(vault),
      consent: fake.consent,
      holders: [],
      hearing: { behind: async () => [...behind] },
      clock,
      pause: async () => {},
    }
  }
  return {
    store,
    kms,
    book,
    fake,
    behind,
    pseudonymizer,
    people,
    ports,
    pass: (ms: number) => (now += ms),
    /** Once more, until it waits or is through. */
    run: async (
      through: RotationPorts | null = null,
      mayBegin = true,
    ): Promise<readonly RotationProgress[]> => {
      const steps: RotationProgress[] = []
      const options = { mayBegin, format: STANDARD_FORMAT, windowMs: WINDOW_MS, graceMs: 0, batch: 3 }
      for await (const step of rotateKeys(through ?? (await ports()), options)) steps.push(step)
      return steps
    },
    vault,
    keyOf,
    who: () => whoIsWho(store, people, keyOf),
    byEmail: (email: string) => foundBy(store, pseudonymizer, email),
  }
}

/** Every record's pid by now, by what its source calls it. */
async function whoIsWho(
  store: IdentityStore,
  people: readonly CustomerRecord[],
  keyOf: (record: CustomerRecord) => string,
): Promise<ReadonlyMap<string, string>> {
  const owners = await store.owners(people.map(keyOf))
  return new Map(
    people.flatMap((one) => {
      const pid = owners.get(keyOf(one))
      return pid === undefined ? [] : [[recordKey(one), pid] as const]
    }),
  )
}

async function foundBy(
  store: IdentityStore,
  pseudonymizer: Pseudonymizer,
  email: string,
): Promise<readonly string[]> {
  const [tokens] = await pseudonymizer.tokens([{ kind: 'email', value: email }])
  const holders = await store.holders(tokens?.sought ?? [])
  return [...new Set([...holders.values()].flat())]
}
