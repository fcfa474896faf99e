import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'
import { ANONYMOUS, type Grant } from '../../directives/grant.ts'
import type { Resolvers, Subgraph } from '../serve.ts'
import type { Currency } from '../standing/standing-store.ts'
import { whileCurrent } from '../standing/while-current.ts'
import { openDefinitions } from './definitions/definitions-in.ts'
import { explain } from './definitions/explain.ts'
import type { FeatureDefinition, FeatureValue } from './definitions/feature-definition.ts'
import type {
  Asked,
  FeatureKey,
  FeatureOfScope,
  FeatureRow,
  FeaturesStore,
  Progress,
  TracedRow,
  Values,
} from './store.ts'

export interface FeaturesSubgraphOptions {
  readonly store: FeaturesStore
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Whether what was heard of consent may be relied upon: while it may not, nobody has a value. Default: always. */
  readonly currency?: Currency
  /** What there is to serve; default: the features of this repository. */
  readonly definitions?: readonly FeatureDefinition[]
}

/** Whatever one request asks for goes to the store at once, values and lineages each. */
export interface FeaturesLoaders {
  /** Of each place in the document where features stand: which of them are read for whoever is asked about there. */
  readonly wanted: Map<GraphQLResolveInfo['fieldNodes'], readonly FeatureOfScope[]>
  readonly values: DataLoader<Asked, Values>
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

/** A person with the values that were asked for. */
interface Served extends Person {
  readonly features: readonly FeatureOfScope[]
  /** In the order of `features`. */
  readonly values: Values
}

interface Context {
  readonly grant: Grant | null
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
      wanted: new Map(),
      values: valuesLoader((asked) => whileCurrent(currency, clock, (now) => store.read(asked, now))),
      traced: tracedLoader((keys) => whileCurrent(currency, clock, (now) => trace(store, keys, now))),
    }),
  }
}

const ALWAYS: Currency = { isCurrent: () => true, turn: () => 0 }

function resolversOf(definitions: readonly FeatureDefinition[]): Resolvers<FeaturesLoaders> {
  const byField = new Map(definitions.map((one) => [one.field, one]))
  return {
    Customer: {
      // Whoever is asked for is answered alike: whether somebody exists is not ours to tell.
      __resolveReference: ({ pid }: Person): Person => ({ pid }),
      features: (person: Person, _arguments: unknown, context: Context, info) =>
        served(person, context, wantedAt(info, context, byField)),
    },
    // A promise for each of twenty features of hundreds of people takes longer than the database: they are there by now.
    CustomerFeatures: {
      ...Object.fromEntries(definitions.map((one) => [one.field, valueOf(one)])),
      lineage: ({ pid }: Person): Person => ({ pid }),
    },
    CustomerFeatureLineage: Object.fromEntries(definitions.map((one) => [one.field, lineageOf(one)])),
  }
}

function served(
  { pid }: Person,
  { loaders }: Context,
  features: readonly FeatureOfScope[],
): Served | Promise<Served> {
  if (pid === ANONYMOUS || features.length === 0) return { pid, features, values: NOTHING }
  return loaders.values.load({ pid, features }).then((values) => ({ pid, features, values }))
}

const NOTHING: Values = []

/**
 * The features that are named here and that the grant covers: the others are refused where they stand, and are not even read.
 * A place is the same array of nodes for everybody asked about there.
 */
function wantedAt(
  info: GraphQLResolveInfo,
  { grant, loaders }: Context,
  byField: ReadonlyMap<string, FeatureDefinition>,
): readonly FeatureOfScope[] {
  const known = loaders.wanted.get(info.fieldNodes)
  if (known !== undefined) return known
  const granted = new Set(grant?.lookups[rootOf(info.path)]?.scopes)
  const named = new Set(info.fieldNodes.flatMap(({ selectionSet }) => fieldsIn(selectionSet, info)))
  const wanted = [...named].flatMap((field) => {
    const definition = byField.get(field)
    return definition !== undefined && granted.has(definition.scope)
      ? [{ scope: definition.scope, feature: definition.name }]
      : []
  })
  loaders.wanted.set(info.fieldNodes, wanted)
  return wanted
}

function rootOf(path: GraphQLResolveInfo['path']): string {
  return path.prev === undefined ? String(path.key) : rootOf(path.prev)
}

/** Whatever `@skip` says: what stands there and is skipped is read and not answered. */
function fieldsIn(set: SelectionSetNode | undefined, info: GraphQLResolveInfo): readonly string[] {
  return (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value]
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value]
    return fieldsIn(inner?.selectionSet, info)
  })
}

/** Who has no value is answered as nobody is: the default, where there is one. */
const valueOf = ({ name, anonymous }: FeatureDefinition): ((served: Served) => FeatureValue | null) => {
  // Everybody who is asked about at one place is asked for the same: where this feature stands among it is found out once.
  let askedLast: readonly FeatureOfScope[] = []
  let place = -1
  return ({ features, values }) => {
    if (features !== askedLast) {
      place = features.findIndex(({ feature }) => feature === name)
      askedLast = features
    }
    return (place < 0 ? undefined : values[place]) ?? anonymous
  }
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

const valuesLoader = (
  read: (asked: readonly Asked[]) => Promise<readonly Values[]>,
): FeaturesLoaders['values'] =>
  new DataLoader(
    async (asked) => {
      const found = await read(asked)
      return asked.map((_, place) => found[place] ?? NOTHING)
    },
    // Each question is an object of its own.
    { cache: false },
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
