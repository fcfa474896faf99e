import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { ANONYMOUS } from '../../directives/grant.ts'
import type { Resolvers, Subgraph } from '../serve.ts'
import { openDefinitions } from './definitions/definitions-in.ts'
import type { FeatureDefinition, FeatureValue } from './definitions/feature-definition.ts'
import type { FeatureKey, FeaturesStore } from './store.ts'

export interface FeaturesSubgraphOptions {
  readonly store: FeaturesStore
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** What there is to serve; default: the features of this repository. */
  readonly definitions?: readonly FeatureDefinition[]
}

export interface FeaturesLoaders {
  readonly value: DataLoader<FeatureKey, FeatureValue | null, string>
}

interface Person {
  readonly pid: string
}

const sdl = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

export function createFeaturesSubgraph({
  store,
  clock,
  definitions = openDefinitions(),
}: FeaturesSubgraphOptions): Subgraph<FeaturesLoaders> {
  return {
    sdl,
    resolvers: resolversOf(definitions),
    loaders: () => ({ value: createValueLoader(store, clock) }),
  }
}

const resolversOf = (definitions: readonly FeatureDefinition[]): Resolvers<FeaturesLoaders> => ({
  Customer: {
    // Whoever is asked for is answered alike: whether somebody exists is not ours to tell.
    __resolveReference: ({ pid }: Person): Person => ({ pid }),
    features: ({ pid }: Person): Person => ({ pid }),
  },
  // What is not asked for must not be read: each field asks for its own value, and the loader makes one query of them.
  CustomerFeatures: Object.fromEntries(
    definitions.map(({ name, field, anonymous }) => [
      field,
      ({ pid }: Person, _arguments: unknown, { loaders }: { loaders: FeaturesLoaders }) =>
        pid === ANONYMOUS ? anonymous : loaders.value.load({ pid, feature: name }),
    ]),
  ),
})

function createValueLoader(store: FeaturesStore, clock: () => number): FeaturesLoaders['value'] {
  return new DataLoader(
    async (keys) => {
      const rows = await store.read(keys, clock())
      const values = new Map(rows.map((row) => [keyOf(row), row.value]))
      return keys.map((key) => values.get(keyOf(key)) ?? null)
    },
    { cacheKeyFn: keyOf },
  )
}

const keyOf = ({ pid, feature }: FeatureKey): string => JSON.stringify([pid, feature])
