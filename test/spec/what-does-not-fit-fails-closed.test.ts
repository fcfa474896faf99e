import { describe, expect, it } from 'vitest'
import type { ConsentState, SubgraphResponse } from '../../gateway/ports.ts'
import { leaked } from '../support/canaries.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, type ReceivedRequest, statesOf } from '../support/world.ts'
import { devices } from './permission-table/entity-graphs.ts'
import { byId, crowd, graphOf, PERSON, subgraph } from './permission-table/graph-of.ts'
import { errorLines } from './permission-table/row.ts'

type Entities = Record<string, unknown>[]

/** Changes the lists that one subgraph answers to the lookups for which `when` holds. */
const changed =
  (when: (request: ReceivedRequest) => boolean, change: (list: Entities) => Entities) =>
  (request: ReceivedRequest, response: SubgraphResponse): SubgraphResponse => {
    if (!when(request) || !request.document.includes('_entities')) return response
    const lists = Object.entries(response.data as Record<string, Entities>)
    return { ...response, data: Object.fromEntries(lists.map(([alias, list]) => [alias, change(list)])) }
  }

describe('Whose an object is', () => {
  it('is not taken from an answer about another object: nothing protected is asked', async () => {
    const tamper = changed(
      ({ document }) => document.includes('ownerId'),
      ([first, second, ...others]) => [second ?? {}, first ?? {}, ...others],
    )
    const asked = await createWorld({ ...devices, tamper }).ask('{ devices { sku place } }')
    expect(errorLines(asked)).toContainEqual(expect.stringContaining('SUBGRAPH_ENTITY_MISMATCH'))
    expect(sentLines(asked.sent).filter((line) => line.includes('place'))).toEqual([])
    expect(leaked(asked, [])).toEqual([])
  })
})

describe('An answer nobody could foresee', () => {
  it('is an error where it happened when it says an error at no path', async () => {
    const tamper = ({ document }: ReceivedRequest, response: SubgraphResponse): SubgraphResponse =>
      document.includes('_entities')
        ? response
        : { ...response, errors: [{ message: 'x', path: null as never }] }
    const asked = await createWorld({ ...peopleGraph, tamper }).ask('{ people(ids: ["ada"]) { name email } }')
    expect(asked.data).toEqual({ people: [{ name: 'Ada', email: canary('ada', 'email') }] })
    expect(errorLines(asked)).toEqual(['SUBGRAPH_ERROR people'])
  })

  it('harms no neighbour when it nests lists without an end', async () => {
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown
    const tamper = ({ document }: ReceivedRequest, response: SubgraphResponse): SubgraphResponse =>
      document.includes('maybePeople')
        ? { ...response, data: { ...(response.data as object), maybePeople: deep } }
        : response
    const asked = await createWorld({ ...peopleGraph, tamper }).ask(
      '{ person(id: "ada") { name email } maybePeople(ids: ["bo"]) { name } }',
    )
    expect(asked.data).toMatchObject({ person: { name: 'Ada', email: canary('ada', 'email') } })
    expect(asked.records).toMatchObject([{ subject: 'ada' }])
  })
})

describe('The record', () => {
  it('keeps what was given out before a mutation took it back', async () => {
    let asked = 0
    const load = async (subjects: readonly string[]) =>
      statesOf(
        Object.fromEntries(subjects.map((one) => [one, { contact: asked++ === 0 ? 'given' : 'withdrawn' }])),
        subjects,
      )
    const { records } = await createWorld({ ...peopleGraph, consent: { load } }).ask(
      'mutation { a: rename(id: "ada", name: "x") { email } b: rename(id: "ada", name: "y") { email } }',
    )
    expect(records).toMatchObject([
      { subject: 'ada', granted: { 'Person.email': ['receipt-ada-contact'] }, denied: {} },
      { subject: 'ada', granted: {}, denied: { 'Person.email': 'WITHDRAWN' } },
    ])
  })
})

describe('A consent state that is not exactly a yes', () => {
  const state = (contact: unknown): ConsentState => ({
    subject: 'bo',
    revision: '1',
    scopes: contact instanceof Map ? contact : new Map([['contact', contact as never]]),
  })
  it.each<[string, unknown]>([
    ['an end that is no number', { status: 'given', receipt: 'r', expiresAt: Number.NaN }],
    ['an end that is a text', { status: 'given', receipt: 'r', expiresAt: '9999999999999' }],
    ['no end at all', { status: 'given', receipt: 'r' }],
    ['an empty receipt', { status: 'given', receipt: '', expiresAt: null }],
    ['no receipt', { status: 'given', expiresAt: null }],
    ['a status nobody knows', { status: 'granted', receipt: 'r', expiresAt: null }],
    ['nothing', null],
  ])('%s: withheld, and the rest is served', async (_name, contact) => {
    const load = async () => new Map([['bo', state(contact)]])
    const asked = await createWorld({ ...peopleGraph, consent: { load } }).ask(
      '{ person(id: "bo") { name email } }',
    )
    expect(asked.data).toEqual({ person: { name: 'Bo', email: null } })
    expect(asked.withheld).toEqual(['Person.email person.email CONSENT_UNAVAILABLE 1'])
    expect(leaked(asked, [])).toEqual([])
  })
})

describe('An input that is read through an interface', () => {
  const channels = ({ id }: { id: string }) => [{ __typename: 'Mailbox', value: canary(id, 'mailbox') }]
  const VALUES = `interface Channel { value: String @requiresScope(scope: "contact") }
type Mailbox implements Channel @shareable { value: String @requiresScope(scope: "contact") }`
  const Channel = { __resolveType: () => 'Mailbox' }
  const graph = graphOf(
    subgraph(
      'people',
      `type Query { people: [Person!]! }\n${PERSON} { id: ID! channels: [Channel!] }\n${VALUES}`,
      {
        Query: { people: crowd },
        Person: { __resolveReference: byId, channels },
        Channel,
      },
    ),
    subgraph(
      'digests',
      `${PERSON} { id: ID! channels: [Channel!] @external open: String
        digest: String @requires(fields: "channels { value }") @requiresScope(scope: [["contact", "profiling"]]) }\n${VALUES}`,
      { Person: { __resolveReference: byId, open: () => 'open', digest: () => 'digest' }, Channel },
    ),
  )

  it('goes on only for people who gave what the dependent field asks', async () => {
    const asked = await createWorld(graph).ask('{ people { open digest channels { value } } }')
    const [, cyd] = ['bo', 'cyd'].map((id) => canary(id, 'mailbox'))
    const forwarded = asked.sent
      .filter(({ subgraph: name }) => name === 'digests')
      .map(({ variables }) => variables)
    expect(JSON.stringify(forwarded)).toContain(canary('ada', 'mailbox'))
    expect(JSON.stringify(forwarded)).not.toContain(cyd)
    expect(asked.data).toMatchObject({
      people: [{ digest: 'digest' }, { digest: null }, { digest: null, channels: [{ value: cyd }] }],
    })
  })
})
