import type { Stores } from './all.ts'
import { openDefinitions } from './features/definitions/definitions-in.ts'
import type { EventSource, FeatureEvent, ProfileSource } from './features/materialise/event-source.ts'
import { createMaterialiser } from './features/materialise/materialiser.ts'
import type { Step } from './features/store.ts'
import type { Retailer } from './retailer/generate.ts'
import type { RetailReceipt } from './retailer/consents.ts'
import type { RetailEvent } from './retailer/events.ts'
import type { Standing } from './standing/standing.ts'

export interface FeatureSeed {
  readonly retailer: Retailer
  readonly pidOf: (personKey: string) => string
  readonly now: number
}

/**
 * What is computed about the made-up people, from what they did and by the definitions there are. What they said is put
 * beside the values first, under the revisions that the consent store is about to give it.
 */
export async function seedFeatures(
  { features: store }: Pick<Stores, 'features'>,
  seed: FeatureSeed,
): Promise<void> {
  const { retailer, now } = seed
  const revisions = new Map(retailer.receipts.map(({ consentId }, place) => [consentId, String(place + 1)]))
  // Nothing was heard of the consent store yet: whoever follows it begins at its beginning.
  await store.standings.write(standingsOf(seed, revisions), '0')
  const materialiser = createMaterialiser({
    definitions: openDefinitions(),
    store: { ...store, commit: (step) => store.commit(onlyValues(step, retailer.receipts.length)) },
    events: eventsOf(seed, revisions),
    profiles: profilesOf(seed),
    clock: () => now,
  })
  await materialiser.rebuild()
}

/**
 * What these people did comes into the event store later, while the house is running. Until then nothing that was kept of
 * it could be read there again, so the values stay as they are; then everything is computed anew, from there.
 */
const onlyValues = (step: Step, receipts: number): Step => ({
  ...step,
  states: [],
  rows: step.rows.map((row) => ({ ...row, dueAt: null })),
  progress: { ...step.after, position: '0', revision: String(receipts) },
})

/** The receipts of a chain stand in the order in which they were said. */
function standingsOf(
  { retailer, pidOf }: FeatureSeed,
  revisions: ReadonlyMap<string, string>,
): readonly Standing[] {
  const standings = new Map<string, Standing>()
  for (const receipt of retailer.receipts) {
    const key = JSON.stringify([receipt.personKey, receipt.scope])
    const revision = revisions.get(receipt.consentId) ?? '0'
    standings.set(key, next(standings.get(key), receipt, { pid: pidOf(receipt.personKey), revision }))
  }
  return [...standings.values()]
}

function next(
  before: Standing | undefined,
  { status, scope, consentId, expiresAt }: RetailReceipt,
  { pid, revision }: Pick<Standing, 'pid' | 'revision'>,
): Standing {
  const about = { pid, scope, revision }
  const isYes = status === 'given' || status === 'renewed'
  if (!isYes) return { ...about, granted: false, receipt: null, expiresAt: null, cut: revision, basis: '0' }
  const basis = before?.granted ? before.basis : revision
  return { ...about, granted: true, receipt: consentId, expiresAt, cut: before?.cut ?? '0', basis }
}

function eventsOf({ retailer, pidOf }: FeatureSeed, revisions: ReadonlyMap<string, string>): EventSource {
  const events = retailer.events.map((event, place): FeatureEvent => {
    const { id, kind, personKey, at, consentId } = event
    return {
      position: String(place + 1),
      eventId: id,
      type: kind,
      occurredAt: at,
      receivedAt: at,
      pid: pidOf(personKey),
      consentId,
      consentRevision: consentId === null ? null : (revisions.get(consentId) ?? '0'),
      data: dataOf(event, retailer),
    }
  })
  const pids = [...new Set(events.map(({ pid }) => pid))].toSorted()
  return {
    after: async (position, limit) => events.slice(Number(position), Number(position) + limit),
    async of(people, types) {
      const [asked, meant] = [new Set(people), new Set(types)]
      return events.filter(({ pid, type }) => asked.has(pid) && meant.has(type))
    },
    people: async (after, limit) => pids.filter((pid) => after === null || pid > after).slice(0, limit),
    newest: async () => String(events.length),
  }
}

/** As the contract of its type has it. */
export function dataOf(
  { kind, sku, seconds }: RetailEvent,
  { products }: Pick<Retailer, 'products'>,
): Readonly<Record<string, unknown>> {
  const price = kind === 'purchase' ? products.find((product) => product.sku === sku)?.price : undefined
  return {
    ...(sku !== null && { sku }),
    ...(seconds !== null && { seconds }),
    ...(price !== undefined && { amount: Math.round(price * 100) }),
  }
}

function profilesOf({ retailer, pidOf }: FeatureSeed): ProfileSource {
  const told = new Map(
    retailer.people.map(({ personKey, planTier, language }) => [
      pidOf(personKey),
      new Map([
        ['account.tier', planTier],
        ['contact.language', language],
      ]),
    ]),
  )
  const pids = [...told.keys()].toSorted()
  return {
    of: async (asked) =>
      new Map(asked.flatMap((pid) => (told.has(pid) ? [[pid, told.get(pid) ?? new Map()]] : []))),
    people: async (after, limit) => pids.filter((pid) => after === null || pid > after).slice(0, limit),
  }
}
