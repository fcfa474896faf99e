import { CodedFailure } from './coded-failure.ts'
import type { ConsentElsewhere } from './consent-elsewhere.ts'
import { agreeWithProfiles } from './features/definitions/agree-with-profiles.ts'
import { openDefinitions } from './features/definitions/definitions-in.ts'
import type { FeatureDefinition } from './features/definitions/feature-definition.ts'
import type { ProfileSource } from './features/materialise/event-source.ts'
import type { FeaturesOptions } from './open-features.ts'
import {
  openOwnership,
  type OwnershipOptions,
  type OwnershipStores,
  type OwnershipSurroundings,
  saidAtToldBy,
} from './open-ownership.ts'
import { viewElsewhere } from './open-standing.ts'
import type { Registry } from './ownership/registry.ts'
import { type ProfileWrite, settle } from './ownership/settle.ts'
import type { OwnershipStore } from './ownership/store.ts'
import type { Route } from './route.ts'
import type { Follower } from './standing/follower.ts'
import { createToldPeople } from './told-people.ts'

export interface ProfilesAround extends Pick<OwnershipSurroundings, 'pseudonymizer' | 'clock' | 'log'> {
  readonly follower: Pick<Follower, 'ensure' | 'isCurrent'>
}

export interface RunningProfiles {
  /** Where systems write. */
  readonly routes: readonly Route[]
  /** What features are computed from. */
  readonly materials: Pick<FeaturesOptions, 'profiles' | 'told'>
  stop(): void
}

/** What systems say of people, and what is computed of it. Without a registry nobody says anything. */
export function openProfiles(
  stores: OwnershipStores,
  { follower, ...around }: ProfilesAround,
  options: { readonly ownership?: OwnershipOptions; readonly consentElsewhere?: ConsentElsewhere | null },
): RunningProfiles {
  if (options.ownership === undefined) return { routes: [], materials: {}, stop: () => {} }
  const { registry } = options.ownership
  refuseOtherUse(registry)
  const told = createToldPeople()
  const elsewhere = viewElsewhere(options, around.clock)
  const running = openOwnership(
    stores,
    {
      ...around,
      currency: follower,
      ensure: (pids) => follower.ensure(pids),
      onTaken: (pids) => told.add(pids),
      ...(elsewhere && { saidAt: saidAtToldBy(elsewhere) }),
    },
    options.ownership,
  )
  const profiles = profilesIn({ ...stores, registry, clock: around.clock })
  return { routes: running.routes, materials: { profiles, told }, stop: () => running.stop() }
}

/** With one such feature nothing is served: nobody would notice what outlives a withdrawal. */
export function refuseOtherUse(
  { attributes }: Registry,
  definitions: readonly FeatureDefinition[] = openDefinitions(),
): void {
  const faults = agreeWithProfiles(
    definitions,
    (attribute) => attributes.get(attribute),
    (feature) => `features/${feature}.yaml`,
  )
  if (faults.length === 0) return
  const told = faults.map(({ code, file, place, remedy }) => `${file} ${place} ${code}: ${remedy}`)
  throw new CodedFailure('FEATURES_INVALID', told.join('; '))
}

export interface ProfilesIn {
  readonly ownership: Pick<OwnershipStore, 'of' | 'people'>
  readonly registry: Registry
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Who computes from profiles. */
const READER = 'cdp'

/**
 * What holds in the profiles of people, by the registry of who owns what: of everything that systems said, the word that won.
 * An attribute that the registry does not give to the CDP is not told.
 */
export function profilesIn({ ownership, registry, clock }: ProfilesIn): ProfileSource {
  const given = [...registry.attributes.values()].filter(({ consumers }) => consumers.includes(READER))
  return {
    async of(pids) {
      const keys = pids.flatMap((pid) => given.map(({ name: attribute }) => ({ pid, attribute })))
      const said = new Map<string, ProfileWrite[]>()
      for (const write of await ownership.of(keys, clock())) {
        const known = said.get(keyOf(write))
        if (known) known.push(write)
        else said.set(keyOf(write), [write])
      }
      return new Map(
        pids.map((pid) => [
          pid,
          new Map(
            given.flatMap((attribute) => {
              const writes = said.get(keyOf({ pid, attribute: attribute.name })) ?? []
              const { holds } = settle(writes, attribute)
              return holds === null || holds.value === null ? [] : [[attribute.name, holds.value] as const]
            }),
          ),
        ]),
      )
    },
    people: (after, limit, since = 0) => ownership.people(after, limit, since),
  }
}

const keyOf = ({ pid, attribute }: Pick<ProfileWrite, 'pid' | 'attribute'>): string =>
  JSON.stringify([pid, attribute])
