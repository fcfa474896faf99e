import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { ANONYMOUS } from '../../directives/grant.ts'
import { codedError } from '../coded-error.ts'
import type { Subgraph, SubgraphContext } from '../serve.ts'
import { type Customer, customerOf } from './customer.ts'
import type { GraphReader } from './graph/graph-port.ts'
import { type LinkedConsent, noLinkedConsent } from './graph/linked-consent.ts'
import { graphMutations } from './graph-mutations.ts'
import { graphQueries } from './graph-queries.ts'
import { reidentificationFields } from './reidentification-fields.ts'
import type { Reidentification } from './reidentification/reidentification.ts'
import type { Pseudonymizer, TokenKind } from './pseudonyms/pseudonym.ts'
import type {
  IdentifierKind,
  IdentityStore,
  StoredAccount,
  StoredContact,
  StoredDevice,
  StoredHousehold,
  StoredIdentifier,
  StoredRecord,
} from './store.ts'

export interface IdentityOptions {
  readonly store: IdentityStore
  readonly pseudonymizer: Pseudonymizer
  /** The way back from a pid; null: there is none. */
  readonly reidentification?: Reidentification | null
  /** Default: none, and merges of two people wait. */
  readonly linkedConsent?: LinkedConsent
}

/** Reads of one request, gathered into one question to the store each. */
export interface IdentityLoaders {
  readonly customers: DataLoader<string, Customer | null>
  readonly contacts: DataLoader<string, StoredContact | null>
  readonly identifiers: DataLoader<string, readonly StoredIdentifier[] | null>
  readonly devices: DataLoader<string, readonly StoredDevice[] | null>
  readonly accounts: DataLoader<string, readonly StoredAccount[] | null>
  readonly households: DataLoader<string, StoredHousehold | null>
  /** Asked pid → the pid of the person it leads to. */
  readonly currentPids: DataLoader<string, string | null>
  readonly records: DataLoader<string, readonly StoredRecord[] | null>
}

type Context = SubgraphContext<IdentityLoaders>

/** Who people are. The only subgraph that knows an e-mail address or a phone number. */
export const createIdentitySubgraph = ({
  store,
  pseudonymizer,
  reidentification = null,
  linkedConsent = noLinkedConsent,
}: IdentityOptions): Subgraph<IdentityLoaders> => ({
  sdl: readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'),
  loaders: () => loadersOver(store),
  resolvers: {
    Query: {
      ...reidentificationFields<IdentityLoaders>(reidentification).Query,
      me: (_, _args, { grant, loaders }: Context) =>
        typeof grant?.actor === 'string' ? loaders.customers.load(grant.actor) : null,
      customer: (_, { pid }: { pid: string }, { loaders }: Context) => loaders.customers.load(pid),
      customers: (_, args: PageArguments, { loaders }: Context) => connection(args, store, loaders),
      // Whether an e-mail is known is itself personal data: only who serves that person may ask.
      resolveIdentity: async (_, { kind, value }: IdentityArguments, { grant, loaders }: Context) => {
        if (grant?.purpose !== 'customer_service')
          throw codedError('PURPOSE_NOT_ALLOWED', 'Query.resolveIdentity')
        const [tokens] = await pseudonymizer.tokens([{ kind: DOMAINS[kind], value }])
        const pid = await holderOf(tokens?.sought ?? [], store)
        return pid === null ? null : loaders.customers.load(pid)
      },
      ...graphQueries(store, linkedConsent),
    },
    Mutation: {
      ...graphMutations(store, linkedConsent),
      ...reidentificationFields<IdentityLoaders>(reidentification).Mutation,
    },
    Customer: {
      // The reserved key stands for nobody: it has a key and no values.
      __resolveReference: ({ pid }: { pid: string }, { loaders }: Context) =>
        pid === ANONYMOUS ? { pid: ANONYMOUS } : loaders.customers.load(pid),
      currentPid: async ({ pid }: Customer, _, { loaders }: Context) =>
        (await loaders.currentPids.load(pid)) ?? pid,
      records: ({ pid }: Customer, _, { loaders }: Context) => loaders.records.load(pid),
      email: async ({ pid }: Customer, _, { loaders }: Context) =>
        (await loaders.contacts.load(pid))?.email ?? null,
      phone: async ({ pid }: Customer, _, { loaders }: Context) =>
        (await loaders.contacts.load(pid))?.phone ?? null,
      identifiers: ({ pid }: Customer, _, { loaders }: Context) => loaders.identifiers.load(pid),
      devices: ({ pid }: Customer, _, { loaders }: Context) => loaders.devices.load(pid),
      accounts: ({ pid }: Customer, _, { loaders }: Context) => loaders.accounts.load(pid),
      household: ({ pid }: Customer, _, { loaders }: Context) => loaders.households.load(pid),
    },
    Household: {
      members: ({ members }: StoredHousehold, _, { loaders }: Context) => existing(members, loaders),
    },
  },
})

function loadersOver(store: IdentityStore): IdentityLoaders {
  const customers = byPid(async (pids) => {
    const found = await store.records(pids)
    return new Map([...found].map(([pid, own]) => [pid, customerOf(pid, own)]))
  })
  /** A known person without any has an empty list; nobody has null. */
  const listOf = <T>(read: Read<readonly T[]>) =>
    byPid<readonly T[]>(async (pids) => {
      const [lists, known] = await Promise.all([read(pids), customers.loadMany(pids)])
      return new Map(
        pids.flatMap((pid, index) => (known[index] === null ? [] : [[pid, lists.get(pid) ?? []]])),
      )
    })
  return {
    customers,
    contacts: byPid((pids) => store.contacts(pids)),
    identifiers: listOf((pids) => store.identifiers(pids)),
    devices: listOf((pids) => store.devices(pids)),
    accounts: listOf((pids) => store.accounts(pids)),
    households: byPid((pids) => store.households(pids)),
    records: byPid((pids) => store.records(pids)),
    currentPids: byPid((pids) => store.look((graph) => currentPids(graph, pids))),
  }
}

/** A pid of before its key was changed finds its record, too, under another seed: those are looked up one by one. */
async function currentPids(
  graph: GraphReader,
  pids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map((await graph.bySeed(pids)).map((node) => [node.seed, node]))
  const current = new Map<string, string>()
  for (const asked of pids) {
    // oxlint-disable-next-line no-await-in-loop -- rare, and only while keys are changed
    const node = found.get(asked) ?? (await graph.bySeed([asked]))[0]
    if (node !== undefined && node.pid !== null) current.set(asked, node.pid)
  }
  return current
}

type Read<T> = (pids: readonly string[]) => Promise<ReadonlyMap<string, T>>

/** Answers by name, not by place: what the store says about somebody can only reach who asked about them. */
const byPid = <T>(read: Read<T>): DataLoader<string, T | null> =>
  new DataLoader(async (pids) => {
    const somebody = pids.filter(isSomebody)
    const found = somebody.length > 0 ? await read(somebody) : new Map<string, T>()
    return pids.map((pid) => found.get(pid) ?? null)
  })

/** Other text is nobody's pid, and some of it no database takes. */
const isSomebody = (pid: string): boolean => pid !== ANONYMOUS && /^[\w-]{1,128}$/.test(pid)

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
  if (size < 0 || size > PAGE_MOST)
    throw codedError('BAD_USER_INPUT', `Query.customers(first:), 0 to ${PAGE_MOST}`)
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

const DOMAINS: Readonly<Record<IdentifierKind, TokenKind>> = {
  EMAIL: 'email',
  PHONE: 'phone',
  LOYALTY: 'loyalty',
}

/** An identifier several people share names none of them: one person must never be answered for another. */
async function holderOf(tokens: readonly string[], store: IdentityStore): Promise<string | null> {
  const holders = await store.holders(tokens)
  const [pid, ...others] = new Set([...holders.values()].flat())
  return pid !== undefined && others.length === 0 ? pid : null
}
