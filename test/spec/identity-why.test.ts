import { beforeEach, describe, expect, test } from 'vitest'
import { mergeRecords } from '../../subgraphs/identity/graph/merge-records.ts'
import { proposeMatches } from '../../subgraphs/identity/graph/possible-matches.ts'
import { customerRecord, identityDesk } from '../support/identity-desk.ts'

const WHY = `query ($a: ID!, $b: ID!, $asOf: String) { whySamePerson(a: $a, b: $b, asOf: $asOf) {
  isSame
  path { from { pid } to { pid } decision { decisionId how by evidence { field level weight } prior total probability actor state consent } }
  whyNot { separations { actor } undone { decisionId undone { actor } } waiting { decisionId state consent } matches { by probability verdict } inCommon }
} }`
const MODEL = {
  how: 'model',
  by: 'people@4',
  evidence: [
    { field: 'email', level: 'same', weight: 9.3125 },
    { field: 'name', level: 'similar', weight: 2.7 },
    { field: 'date_of_birth', level: 'missing', weight: -0.013 },
  ],
  prior: -8.1,
  probability: 0.93,
  actor: 'people@4',
  reason: null,
} as const

let desk: ReturnType<typeof identityDesk>
beforeEach(() => {
  desk = identityDesk()
})

const why = async (a: string, b: string, asOf: string | null = null) =>
  (await desk.ask(WHY, { variables: { a, b, asOf } })).data.whySamePerson

const modelMerge = async (a: string, b: string): Promise<string> => {
  const nodes = await desk.store.look((graph) => graph.bySeed([a, b]))
  const [one, other] = nodes.map(({ id }) => id)
  const outcome = await desk.store.change((graph) =>
    mergeRecords(graph, { ...MODEL, a: one ?? 0, b: other ?? 0 }, desk.clock()),
  )
  // A question of the desk is not needed for consent to hear: the next decision tells of this one, too.
  return outcome.outcome === 'decided' ? outcome.decision.decisionId : ''
}

describe('why two records are one person', () => {
  test('the rule that joined them at import, and what it looked at', async () => {
    await desk.import(
      customerRecord('1', { email: 'ada@example.org' }),
      customerRecord('2', { email: 'ADA@example.org ' }),
    )
    const [one, two] = [await desk.seed('1'), await desk.seed('2')]
    expect(await why(one, two)).toMatchObject({
      isSame: true,
      whyNot: null,
      path: [
        {
          from: { pid: one },
          to: { pid: two },
          decision: {
            how: 'RULE',
            by: 'shared-identifier@1',
            actor: 'shared-identifier@1',
            state: 'EFFECTIVE',
            consent: 'NOT_CONCERNED',
            total: null,
            evidence: [
              { field: 'email', level: 'same', weight: null },
              { field: 'name', level: 'same', weight: null },
              { field: 'date_of_birth', level: 'missing', weight: null },
            ],
          },
        },
      ],
    })
  })

  test('the waterfall of a model adds up to its probability', async () => {
    await desk.import(customerRecord('1'), customerRecord('2'), customerRecord('3'))
    const [one, two, three] = [await desk.seed('1'), await desk.seed('2'), await desk.seed('3')]
    await modelMerge(one, two)
    await desk.merge(two, three)
    const { path } = await why(one, two)
    const { prior, evidence, total } = path[0].decision
    const sum = evidence.reduce((all: number, { weight }: { weight: number }) => all + weight, prior)
    expect(Math.abs(sum - total)).toBeLessThan(1e-9)
    expect(path[0].decision).toMatchObject({ by: 'people@4', probability: 0.93, consent: 'LINKED' })
  })

  test('the shortest of several ways, step by step', async () => {
    await desk.import(...['1', '2', '3', '4'].map((id) => customerRecord(id)))
    const [one = '', two = '', three = '', four = ''] = await Promise.all(
      ['1', '2', '3', '4'].map((id) => desk.seed(id)),
    )
    await desk.merge(one, two)
    await desk.merge(two, three)
    await desk.merge(three, four)
    await modelMerge(one, three)
    await desk.ask('mutation ($a: ID!) { separate(input: { a: $a, b: $a }) { decisionId } }', {
      variables: { a: one },
    })
    const hops = async () => (await why(one, four)).path.map(({ to }: { to: { pid: string } }) => to.pid)
    expect(await hops()).toEqual([two, three, four])
    await desk.import(customerRecord('5'), customerRecord('6'))
    await desk.merge(await desk.seed('5'), await desk.seed('6'))
    expect(await hops()).toEqual([three, four])
  })

  test('as of a time before and after they were', async () => {
    await desk.import(customerRecord('1'), customerRecord('2'))
    const [one, two] = [await desk.seed('1'), await desk.seed('2')]
    const before = desk.now()
    const decisionId = await desk.merge(one, two)
    const between = desk.now()
    await desk.ask('mutation ($id: ID!) { unmerge(input: { decisionId: $id }) { merge { decisionId } } }', {
      variables: { id: decisionId },
    })
    const after = desk.now()
    const isSame = async (asOf: string) => (await why(one, two, asOf)).isSame
    expect([await isSame(before), await isSame(between), await isSame(after)]).toEqual([false, true, false])
  })
})

describe('why two records are not one person', () => {
  test('somebody separated them, and what they have in common did not join them', async () => {
    await desk.import(
      customerRecord('1', { email: 'us@example.org', householdId: 'h1' }),
      customerRecord('2', { email: 'us@example.org', givenName: 'Bo', householdId: 'h1' }),
    )
    const [one, two] = [await desk.seed('1'), await desk.seed('2')]
    await desk.ask('mutation ($a: ID!, $b: ID!) { separate(input: { a: $a, b: $b }) { decisionId } }', {
      variables: { a: one, b: two },
    })
    expect(await why(one, two)).toMatchObject({
      isSame: false,
      path: [],
      whyNot: { separations: [{ actor: 'clerk-7' }], inCommon: ['email', 'household'] },
    })
  })

  test('they were merged and it was taken back; or consent has not heard yet', async () => {
    await desk.import(customerRecord('1'), customerRecord('2'), customerRecord('3'))
    const [one, two, three] = [await desk.seed('1'), await desk.seed('2'), await desk.seed('3')]
    const decisionId = await desk.merge(one, two)
    await desk.ask('mutation ($id: ID!) { unmerge(input: { decisionId: $id }) { merge { decisionId } } }', {
      variables: { id: decisionId },
    })
    expect((await why(one, two)).whyNot).toMatchObject({
      undone: [{ decisionId, undone: { actor: 'clerk-7' } }],
    })
    desk.fake.reachable(false)
    const waiting = await desk.merge(one, three)
    expect((await why(one, three)).whyNot).toMatchObject({
      waiting: [{ decisionId: waiting, state: 'PENDING', consent: 'WAITING' }],
    })
  })

  test('somebody has to look at them first', async () => {
    await desk.import(customerRecord('1'), customerRecord('2'))
    const [one, two] = [await desk.seed('1'), await desk.seed('2')]
    const [a, b] = (await desk.store.look((graph) => graph.bySeed([one, two]))).map(({ id }) => id)
    const { actor: _actor, reason: _reason, ...model } = MODEL
    await desk.store.change((graph) =>
      proposeMatches(graph, [{ ...model, a: a ?? 0, b: b ?? 0, probability: 0.6 }], desk.clock()),
    )
    expect((await why(one, two)).whyNot.matches).toEqual([
      { by: 'people@4', probability: 0.6, verdict: null },
    ])
  })
})

test('no answer about why or how repeats anything a record says', async () => {
  const secret = {
    email: 'canary@example.org',
    phone: '+49301234567',
    householdId: 'canary-house',
    company: 'Canary Ltd',
  }
  await desk.import(
    customerRecord('1', { ...secret, givenName: 'Canaria', dateOfBirth: '1990-02-09' }),
    customerRecord('2', { ...secret, givenName: 'Canaria' }),
    customerRecord('3', { ...secret, givenName: 'Bo' }),
  )
  const [one, two, three] = [await desk.seed('1'), await desk.seed('2'), await desk.seed('3')]
  const answers = JSON.stringify([await why(one, two), await why(one, three)])
  expect(answers).not.toMatch(/canar|1990|49301234567/i)
  // The tokens of what they share stay inside, too.
  expect(answers).not.toMatch(/[ethald]1_/)
})

test('only who serves people may ask who is who', async () => {
  await desk.import(customerRecord('1'))
  const one = await desk.seed('1')
  const variables = { a: one, b: one }
  expect((await desk.ask(WHY, { variables, purpose: 'marketing' })).codes).toEqual(['PURPOSE_NOT_ALLOWED'])
  expect((await desk.ask(WHY, { variables: { a: one, b: 'p1_nobody' } })).codes).toEqual(['RECORD_UNKNOWN'])
  expect((await desk.ask(WHY, { variables: { a: one, b: '\u0000' } })).codes).toEqual(['RECORD_UNKNOWN'])
  expect((await desk.ask(WHY, { variables: { a: one, b: one, asOf: 'yesterday' } })).codes).toEqual([
    'BAD_USER_INPUT',
  ])
})

test('how a person was built says which record each field is taken from, and not what stands in it', async () => {
  const nameless = { givenName: '', familyName: '' }
  await desk.import(
    customerRecord('1', { ...nameless, phone: '030 1234567' }),
    customerRecord('2', { email: 'a@example.org' }),
  )
  const [one, two] = [await desk.seed('1'), await desk.seed('2')]
  const before = desk.now()
  await desk.merge(one, two)
  const fields =
    'query ($pid: ID!, $asOf: String) { howBuilt(pid: $pid, asOf: $asOf) { fields { field record { pid } } } }'
  const built = async (asOf: string | null) =>
    (await desk.ask(fields, { variables: { pid: two, asOf } })).data.howBuilt
  expect((await built(null)).fields).toEqual([
    { field: 'displayName', record: { pid: two } },
    { field: 'region', record: { pid: one } },
    { field: 'email', record: { pid: two } },
    { field: 'phone', record: { pid: one } },
  ])
  expect((await built(before)).fields).toBe(null)
})
