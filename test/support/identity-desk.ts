import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { normalizeConsent } from '../../directives/link.ts'
import type { EndedRedirects } from '../../subgraphs/identity/ended-redirects.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { type CustomerRecord, type IdentityStore, recordKey } from '../../subgraphs/identity/store.ts'
import { createIdentitySubgraph } from '../../subgraphs/identity/subgraph.ts'
import { fakeLinkedConsent } from './linked-consent.ts'
import { openTestVault } from './open-test-vault.ts'

const pseudonymizer = createPseudonymizer({
  keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
  current: 1,
})

export const customerRecord = (recordId: string, rest: Partial<CustomerRecord> = {}): CustomerRecord => ({
  recordId,
  source: 'crm',
  givenName: 'Ada',
  familyName: 'Lind',
  region: 'DE',
  devices: [],
  ...rest,
})

interface Asking {
  readonly variables?: object
  readonly actor?: string | null
  readonly purpose?: string
}

/** A service desk over an identity graph: who asks is the clerk, and time goes on by a second with each question. */
export function identityDesk(
  store: IdentityStore = createMemoryIdentityStore(),
  redirects: EndedRedirects | null = null,
) {
  const fake = fakeLinkedConsent()
  const opening = openTestVault()
  let now = Date.parse('2026-01-01T00:00:00Z')
  const clock = (): number => (now += 1000)
  const ask = async (
    source: string,
    { variables = {}, actor = 'clerk-7', purpose = 'customer_service' }: Asking = {},
  ) => {
    const vault = await opening
    const subgraph = createIdentitySubgraph({
      store,
      vault,
      pseudonymizer,
      linkedConsent: fake.consent,
      redirects,
    })
    const schema = buildSubgraphSchema([
      { typeDefs: normalizeConsent(parse(subgraph.sdl)), resolvers: subgraph.resolvers },
    ])
    const contextValue = { grant: { actor, purpose }, loaders: subgraph.loaders?.(), clock }
    const { data, errors } = await graphql({ schema, source, contextValue, variableValues: { ...variables } })
    // oxlint-disable-next-line typescript/no-explicit-any -- what a client reads is what its query says
    return JSON.parse(
      JSON.stringify({ data, codes: errors?.map(({ extensions }) => extensions['code']) }),
    ) as {
      // oxlint-disable-next-line typescript/no-explicit-any
      data: any
      codes?: string[]
    }
  }
  return {
    store,
    vault: opening,
    fake,
    ask,
    clock,
    now: () => new Date(now).toISOString(),
    async import(...records: readonly CustomerRecord[]) {
      const result = await importRecords(records, { store, vault: await opening, pseudonymizer, clock })
      return {
        ...result,
        pid: (id: string): string => result.owners.get(recordKey(customerRecord(id))) ?? '',
      }
    },
    /** The pid a record is the seed of, wherever it leads by now. */
    async seed(id: string, source = 'crm'): Promise<string> {
      const key = recordKey({ source, recordId: (await opening).nameOf({ source, recordId: id }) })
      const [node] = await store.look((graph) => graph.byKey([key]))
      return node?.seed ?? ''
    },
    async merge(a: string, b: string): Promise<string> {
      const { data } = await ask(
        'mutation ($a: ID!, $b: ID!) { merge(input: { a: $a, b: $b }) { decisionId } }',
        {
          variables: { a, b },
        },
      )
      return data.merge.decisionId
    },
  }
}
