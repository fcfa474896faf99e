import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { ANONYMOUS } from '../../directives/grant.ts'
import type { Resolvers, Subgraph } from '../serve.ts'
import type { Currency } from '../standing/standing-store.ts'
import { whileCurrent } from '../standing/while-current.ts'
import { openDefinitions } from './definitions/definitions-in.ts'
import { explain } from './definitions/explain.ts'
import type { FeatureDefinition, FeatureValue } from './definitions/feature-definition.ts'
import type { FeatureKey, FeatureRow, FeaturesStore, Progress, ServedValue, TracedRow } from './store.ts'

export interface FeaturesSubgraphOptions {
  readonly store: FeaturesStore
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Whether what was heard of consent may be relied upon: while it may not, nobody has a value. Default: always. */
  readonly currency?: Currency
  /** What there is to serve; default: the features of this repository. */
  readonly definitions?: readonly FeatureDefinition[]
}

/** Whatever one request asks for goes to the store in one statement, values and lineages each. */
export interface FeaturesLoaders {
  readonly value: DataLoader<FeatureKey, ServedValue | null, string>
  readonly traced: DataLoader<FeatureKey, Traced | null, string>
}

interface Traced {
  readonly row: TracedRow
  /** For how long something may have happened that is not in the value. */
  readonly behindMs: number
}

interface Person {
  readonly pid: string
}

interface Context {
  readonly loaders: FeaturesLoaders
}

const sdl = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

export function createFeaturesSubgraph({
  store,
  clock,
  currency = ALWAYS,
  definitions = openDefinitions(),
}: FeaturesSubgraphOptions): Subgraph<FeaturesLoaders> {
  return {
    sdl,
    resolvers: resolversOf(definitions),
    loaders: () => ({
      value: valueLoader((keys) => whileCurrent(currency, clock, (now) => store.read(keys, now))),
      traced: tracedLoader((keys) => whileCurrent(currency, clock, (now) => trace(store, keys, now))),
    }),
  }
}

const ALWAYS: Currency = { isCurrent: () => true, turn: () => 0 }

const resolversOf = (definitions: readonly FeatureDefinition[]): Resolvers<FeaturesLoaders> => ({
  Customer: {
    // Whoever is asked for is answered alike: whether somebody exists is not ours to tell.
    __resolveReference: ({ pid }: Person): Person => ({ pid }),
    features: ({ pid }: Person): Person => ({ pid }),
  },
  // What is not asked for is not answered: each field asks for its own value, and the loader makes one query of them.
  CustomerFeatures: {
    ...Object.fromEntries(definitions.map((one) => [one.field, valueOf(one)])),
    lineage: ({ pid }: Person): Person => ({ pid }),
  },
  CustomerFeatureLineage: Object.fromEntries(definitions.map((one) => [one.field, lineageOf(one)])),
})

/** Who has no value is answered as nobody is: the default, where there is one. */
const valueOf =
  ({ name, scope, anonymous }: FeatureDefinition) =>
  async ({ pid }: Person, _arguments: unknown, { loaders }: Context): Promise<FeatureValue | null> => {
    if (pid === ANONYMOUS) return anonymous
    return (await loaders.value.load({ pid, scope, feature: name }))?.value ?? anonymous
  }

const lineageOf =
  (definition: FeatureDefinition) =>
  async ({ pid }: Person, _arguments: unknown, { loaders }: Context): Promise<object | null> => {
    const { name, scope } = definition
    const traced = pid === ANONYMOUS ? null : await loaders.traced.load({ pid, scope, feature: name })
    return traced && shown(definition, traced)
  }

function shown(definition: FeatureDefinition, { row, behindMs }: Traced): object {
  const { value, computedAt, expiresAt, lineage } = row
  const { count, newest, from, until, receipts } = lineage
  const { source, explanation } = definition
  const window = source.kind === 'event' ? source.window.iso : null
  return {
    value,
    computedAt: timeOf(computedAt),
    expiresAt: timeOf(expiresAt),
    freshness: behindMs <= definition.freshness.ms ? 'FRESH' : 'STALE',
    explanation: explain(explanation, { value, count, from, until, window, computedAt }),
    receipts,
    events: {
      count,
      newest: newest.map(([, , eventId]) => eventId),
      from: timeOf(from),
      until: timeOf(until),
    },
  }
}

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

const valueLoader = (
  read: (keys: readonly FeatureKey[]) => Promise<readonly ServedValue[]>,
): FeaturesLoaders['value'] =>
  new DataLoader(
    async (keys) => {
      const rows = new Map((await read(keys)).map((row) => [nameOf(row), row]))
      return keys.map((key) => rows.get(nameOf(key)) ?? null)
    },
    { cacheKeyFn: nameOf },
  )

const tracedLoader = (
  read: (keys: readonly FeatureKey[]) => Promise<readonly Traced[]>,
): FeaturesLoaders['traced'] =>
  new DataLoader(
    async (keys) => {
      const found = new Map((await read(keys)).map((traced) => [nameOf(traced.row), traced]))
      return keys.map((key) => found.get(nameOf(key)) ?? null)
    },
    { cacheKeyFn: nameOf },
  )

async function trace(
  store: FeaturesStore,
  keys: readonly FeatureKey[],
  now: number,
): Promise<readonly Traced[]> {
  const progress = await store.progress()
  return (await store.trace(keys, now)).map((row) => ({ row, behindMs: behind(row, progress, now) }))
}

/** Events that were not read, or a window that moved on. */
function behind({ computedAt, dueAt }: FeatureRow, { asOf }: Progress, now: number): number {
  return now - Math.min(Math.max(asOf, computedAt), dueAt ?? Infinity)
}

/** No name of a feature has a space. */
const nameOf = ({ pid, feature }: FeatureKey): string => `${feature} ${pid}`
