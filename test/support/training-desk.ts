import { policyDenialsBy } from '../../subgraphs/age-limit.ts'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { agesThenIn } from '../../subgraphs/identity/ages-then.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createConsentHistory } from '../../subgraphs/consent/history/consent-history.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import type { FeatureDefinition } from '../../subgraphs/features/definitions/feature-definition.ts'
import { readDefinitions } from '../../subgraphs/features/definitions/read-definitions.ts'
import type { FeatureEvent } from '../../subgraphs/features/materialise/event-source.ts'
import type { TrainingPorts } from '../../subgraphs/features/training/training-ports.ts'
import { createMemoryStandings, type MemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import { firstReceipt, successor } from './receipts.ts'

export const NOON = Date.UTC(2026, 4, 1, 12)
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

const definition = (name: string, aggregation: string, event: string, scope: string, ttl: string): string => `
name: ${name}
field: ${name.replaceAll('_', '')}
type: ${aggregation.includes('count') ? 'Int' : aggregation.includes('last') ? 'String' : 'Float'}
description: Made up for a test.
entity: customer
source: { event: ${event} }
aggregation: ${aggregation}
scope: ${scope}
purpose: [model_training]
ttl: ${ttl}
freshness: PT15M
retention: P400D
disposition: purge
owner: data-platform
consumers: [storefront]
explanation: '{count} of them.'`

/** Three features of two scopes. */
function trainingDefinitions(): readonly FeatureDefinition[] {
  const texts = [
    definition('sessions', '{ take: count, window: P30D }', 'session', 'analytics', 'P10D'),
    definition('seconds', '{ take: mean, of: seconds, window: P30D }', 'session', 'analytics', 'P30D'),
    definition('bought', '{ take: last, of: sku, window: P365D }', 'purchase', 'product_recs', 'P90D'),
    `
name: plan
field: plan
type: String
description: Made up for a test.
entity: customer
source: { profile: planTier }
scope: analytics
purpose: [model_training]
ttl: P90D
freshness: P1D
retention: P90D
disposition: purge
owner: data-platform
consumers: [storefront]
explanation: 'As it was told.'`,
  ].map((text, index) => ({ file: `${index}.yaml`, text }))
  const { definitions, faults } = readDefinitions(texts, standardVocabulary)
  if (definitions === null) throw new Error(JSON.stringify(faults))
  return definitions
}

export interface TrainingDesk extends TrainingPorts {
  readonly store: ConsentStore
  readonly kept: MemoryStandings
  now: number
  /** What the law says; null: nothing does. */
  policy: PolicyBundle | null
  /** Records that the house keeps of people, by pid: where they live and when they were born, as far as it knows. */
  readonly records: Map<string, readonly { readonly region: string | null; readonly born: string | null }[]>
  /** Records that something happened; what is said of consent has to be said before. */
  did(pid: string, type: string, at: number, more?: Partial<FeatureEvent>): void
  /** Says something about a scope, and lets it be heard. */
  say(pid: string, scope: string, status: 'given' | 'withdrawn', at: number): Promise<void>
  erase(pid: string): Promise<void>
}

/** The graph, and the vault that holds what its records say. */
function recordsIn(people: TrainingDesk['records']): Parameters<typeof agesThenIn> {
  const nameOf = (pid: string, at: number): string => `${pid}#${at}`
  const inVault = new Map(
    [...people].flatMap(([pid, records]) =>
      records.map(({ born }, at) => [nameOf(pid, at), born === null ? {} : { dateOfBirth: born }] as const),
    ),
  )
  return [
    {
      records: async (pids) =>
        new Map(
          pids.map((pid) => [
            pid,
            (people.get(pid) ?? []).map(({ region }, at) => ({
              source: 'crm',
              recordId: nameOf(pid, at),
              region,
              language: null,
            })),
          ]),
        ),
    },
    {
      open: async (names) => ({
        refused: [],
        records: new Map(
          names.map((name) => [name, { source: 'crm', recordId: name, ...inVault.get(name) }]),
        ),
      }),
    },
  ]
}

export function openTrainingDesk(): TrainingDesk {
  const store = createMemoryConsentStore(() => desk.now)
  const kept = createMemoryStandings()
  const events: FeatureEvent[] = []
  const isAlive = ({ pid, type, consentRevision }: FeatureEvent): boolean =>
    !kept.isErased(pid) &&
    (consentRevision === null ||
      kept.isAlive({ pid, scope: SCOPES[type] ?? '', revision: consentRevision }, desk.now))
  const heads = new Map<string, ReturnType<typeof firstReceipt>>()
  const desk: TrainingDesk = {
    now: NOON,
    store,
    kept,
    definitions: trainingDefinitions(),
    clock: () => desk.now,
    historyUpTo: (revision) => createConsentHistory(store, revision),
    policy: null,
    records: new Map(),
    policyDenials: (asked) => policyDenialsBy(desk.policy, agesThenIn(...recordsIn(desk.records)))(asked),
    standings: {
      mark: () => store.revision(),
      policy: async () => null,
      areAlive: async (rows, now) => rows.map((row) => !kept.isBlocked(row.pid) && kept.isAlive(row, now)),
    },
    events: {
      of: async (pids, types, upTo) =>
        events.filter(
          (event) =>
            pids.includes(event.pid) &&
            types.includes(event.type) &&
            Number(event.position) <= Number(upTo) &&
            isAlive(event),
        ),
      people: async (after) =>
        [...new Set(events.filter(isAlive).map(({ pid }) => pid))]
          .toSorted()
          .filter((pid) => pid > (after ?? '')),
      newest: async () => String(events.length),
    },
    did(pid, type, at, more = {}) {
      const head = heads.get(`${pid} ${SCOPES[type] ?? ''}`)
      const rests = type === 'purchase' || head === undefined ? null : head.consentId
      const position = String(events.length + 1)
      events.push({
        position,
        eventId: `e-${position}`,
        type,
        occurredAt: at,
        receivedAt: at,
        pid,
        consentId: rests,
        consentRevision: rests === null ? null : (revisions.get(rests) ?? null),
        data: {},
        ...more,
      })
    },
    async say(pid, scope, status, at) {
      const key = `${pid} ${scope}`
      const before = heads.get(key)
      const receipt =
        before === undefined ? firstReceipt(pid, scope, { status, at }) : successor(before, status, { at })
      heads.set(key, receipt)
      const { revision } = await store.append([receipt])
      revisions.set(receipt.consentId, revision)
      const granted = status === 'given'
      await kept.write(
        [
          {
            pid,
            scope,
            granted,
            expiresAt: null,
            revision,
            receipt: granted ? receipt.consentId : null,
            cut: granted ? '0' : revision,
            basis: granted ? revision : '0',
          },
        ],
        revision,
      )
    },
    async erase(pid) {
      const revision = await store.mark(pid, 'erased', desk.now)
      await kept.write([], revision, { blocks: [{ pid, kind: 'erased', revision }] })
    },
  }
  const revisions = new Map<string, string>()
  return desk
}

const SCOPES: Readonly<Record<string, string>> = { session: 'analytics', purchase: 'product_recs' }
