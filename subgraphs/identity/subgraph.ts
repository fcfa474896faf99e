import { readFileSync } from 'node:fs'
import { ANONYMOUS } from '../../directives/grant.ts'
import { codedError, outOfBounds } from '../coded-error.ts'
import type { Resolvers, Subgraph, SubgraphContext } from '../serve.ts'
import type { EndedRedirects } from './ended-redirects.ts'
import { contactOf, type Customer, displayNameOf, fieldOrigins } from './customer.ts'
import { type LinkedConsent, noLinkedConsent } from './graph/linked-consent.ts'
import type { RecordNode } from './graph/decision.ts'
import { decisionFields } from './decision-fields.ts'
import { graphMutations } from './graph-mutations.ts'
import { graphQueries, instantIn } from './graph-queries.ts'
import { type IdentityLoaders, loadersOver } from './identity-loaders.ts'
import { reidentificationFields } from './reidentification-fields.ts'
import type { Reidentification } from './reidentification/reidentification.ts'
import { createMemoryLookupLog, type LookupLog } from './pseudonyms/lookup-log.ts'
import type { Pseudonymizer } from './pseudonyms/pseudonym.ts'
import { DEFAULT_LOOKUPS, resolveIdentity } from './resolve-identity.ts'
import { shownRecord } from './show-decisions.ts'
import type { IdentifierKind, IdentityStore, StoredAccount, StoredHousehold } from './store.ts'
import type { Vault } from './vault/vault.ts'

export interface IdentityOptions {
  readonly store: IdentityStore
  readonly vault: Pick<Vault, 'open' | 'erase'>
  readonly pseudonymizer: Pseudonymizer
  /** The way back from a pid; null: there is none. */
  readonly reidentification?: Reidentification | null
  /** Default: none, and merges of two people wait. */
  readonly linkedConsent?: LinkedConsent
  /** Which pids that lost a merge nobody is answered under any more; default: each leads on for good. */
  readonly redirects?: EndedRedirects | null
  /** Who asked for people by what they are known by; default: kept in memory, so many a minute. */
  readonly lookups?: LookupTerms
}

export interface LookupTerms {
  readonly log: LookupLog
  readonly perMinute: number
}

type Context = SubgraphContext<IdentityLoaders>

/** Who people are. The only subgraph that reaches an e-mail address or a phone number: through the vault. */
export const createIdentitySubgraph = ({
  store,
  vault,
  pseudonymizer,
  reidentification = null,
  linkedConsent = noLinkedConsent,
  redirects = null,
  lookups = { log: createMemoryLookupLog(), perMinute: DEFAULT_LOOKUPS },
}: IdentityOptions): Subgraph<IdentityLoaders> => ({
  sdl: readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'),
  loaders: () => loadersOver({ store, vault, pseudonymizer, redirects }),
  resolvers: {
    Query: {
      ...reidentificationFields<IdentityLoaders>(reidentification).Query,
      me: (_, _args, { grant, loaders }: Context) =>
        typeof grant?.actor === 'string' ? loaders.customers.load(grant.actor) : null,
      customer: (_, { pid }: { pid: string }, { loaders }: Context) => loaders.customers.load(pid),
      customers: (_, args: PageArguments, { loaders }: Context) => connection(args, store, loaders),
      resolveIdentity: async (_, { kind, value }: IdentityArguments, { grant, loaders, clock }: Context) => {
        const terms = { store, pseudonymizer, ...lookups }
        const pid = await resolveIdentity({ kind, value, grant, now: clock() }, terms)
        return pid === null ? null : loaders.customers.load(pid)
      },
      ...graphQueries(store, linkedConsent),
    },
    Mutation: {
      ...graphMutations({ store, vault, consent: linkedConsent }),
      ...reidentificationFields<IdentityLoaders>(reidentification).Mutation,
    },
    Customer: CUSTOMER_FIELDS,
    ...decisionFields,
    Account: {
      name: async ({ record }: StoredAccount, _, { loaders }: Context) =>
        (await loaders.rawRecords.load(record))?.company ?? '',
    },
    HowBuilt: {
      fields: async ({ takenFrom }: { takenFrom: readonly RecordNode[] | null }, _, { loaders }: Context) => {
        if (takenFrom === null) return null
        const origins = await fieldOrigins(takenFrom, (name) => loaders.rawRecords.load(name))
        return origins.map(({ field, record }) => ({ field, record: shownRecord(record) }))
      },
    },
    Household: {
      members: ({ members }: StoredHousehold, _, { loaders }: Context) => existing(members, loaders),
    },
  },
})

const CUSTOMER_FIELDS: NonNullable<Resolvers<IdentityLoaders>['Customer']> = {
  // The reserved key stands for nobody: it has a key and no values.
  __resolveReference: ({ pid }: { pid: string }, { loaders }: Context) =>
    pid === ANONYMOUS ? { pid: ANONYMOUS } : loaders.customers.load(pid),
  currentPid: async ({ pid }: Customer, _, { loaders }: Context) =>
    (await loaders.currentPids.load(pid)) ?? pid,
  partnerPid: ({ pid }: Customer, _, { grant, loaders }: Context) =>
    grant === null || pid === ANONYMOUS ? null : loaders.partnerPids.load({ client: grant.client, pid }),
  displayName: async ({ pid }: Customer, _, { loaders }: Context) =>
    displayNameOf(await loaders.raw.load(pid)),
  records: async ({ pid }: Customer, { asOf }: { asOf?: string | null }, { loaders, grant }: Context) => {
    const at = instantIn(asOf)
    if (at === null) return (await loaders.customers.load(pid)) === null ? null : loaders.raw.load(pid)
    // Who was one person with whom is itself personal.
    if (grant?.purpose !== 'customer_service')
      throw codedError('PURPOSE_NOT_ALLOWED', 'Customer.records(asOf:)')
    return loaders.rawThen.load({ pid, at })
  },
  email: async ({ pid }: Customer, _, { loaders }: Context) => contactOf(await loaders.raw.load(pid)).email,
  phone: async ({ pid }: Customer, _, { loaders }: Context) => contactOf(await loaders.raw.load(pid)).phone,
  identifiers: ({ pid }: Customer, _, { loaders }: Context) => loaders.identifiers.load(pid),
  devices: ({ pid }: Customer, _, { loaders }: Context) => loaders.devices.load(pid),
  accounts: ({ pid }: Customer, _, { loaders }: Context) => loaders.accounts.load(pid),
  household: ({ pid }: Customer, _, { loaders }: Context) => loaders.households.load(pid),
}

const existing = async (pids: readonly string[], { customers }: IdentityLoaders): Promise<Customer[]> =>
  (await Promise.all(pids.map((pid) => customers.load(pid)))).flatMap((customer) => customer ?? [])

interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
}

const PAGE_DEFAULT = 20
const PAGE_MOST = 500

async function connection({ first, after }: PageArguments, store: IdentityStore, loaders: IdentityLoaders) {
  const size = first ?? PAGE_DEFAULT
  if (size < 0 || size > PAGE_MOST) throw outOfBounds('Query.customers', 'first', [0, PAGE_MOST])
  const { people, hasNextPage, total } = await store.page(size, after == null ? 0 : positionIn(after))
  const last = people.at(-1)
  return {
    nodes: await existing(
      people.map(({ pid }) => pid),
      loaders,
    ),
    pageInfo: { hasNextPage, endCursor: last === undefined ? null : cursorAt(last.position) },
    totalCount: total,
  }
}

const cursorAt = (position: number): string => Buffer.from(`after:${position}`).toString('base64url')

function positionIn(cursor: string): number {
  const position = /^after:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  if (position === undefined)
    throw codedError('BAD_USER_INPUT', 'Query.customers(after:), a cursor of this list')
  return Number(position)
}

interface IdentityArguments {
  readonly kind: IdentifierKind
  readonly value: string
}
