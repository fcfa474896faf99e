import { beforeEach, describe, expect, test } from 'vitest'
import { customerRecord, identityDesk } from '../support/identity-desk.ts'

const PARTS = `merge { decisionId state } parts { pid records { pid } identifiers { kind records { pid } }
  households { kind records { pid } } accounts { kind } devices { kind } consentPids }
  heldBy { decisionId } redirects { pid from to } shared { kind pids } saidWhileMerged { consentId }`
const PLAN = `query ($id: ID!) { planUnmerge(decisionId: $id) { ${PARTS} } }`
const UNMERGE = `mutation ($id: ID!) { unmerge(input: { decisionId: $id }) { ${PARTS} } }`
const CUSTOMER = `query ($pid: ID!) { customer(pid: $pid) { pid currentPid displayName } }`

let desk: ReturnType<typeof identityDesk>
let [one, two, three]: string[] = []
beforeEach(async () => {
  desk = identityDesk()
  const shared = { householdId: 'h1', phone: '+49301234567' }
  await desk.import(
    customerRecord('1', { ...shared, email: 'ada@example.org', dateOfBirth: '1990-01-01' }),
    customerRecord('2', { ...shared, givenName: 'Bo', company: 'Acme' }),
    customerRecord('3', { givenName: 'Cyd' }),
  )
  ;[one, two, three] = [await desk.seed('1'), await desk.seed('2'), await desk.seed('3')]
})

const customer = async (pid: string | undefined) =>
  (await desk.ask(CUSTOMER, { variables: { pid } })).data.customer
const people = async () => (await desk.store.page(10, 0)).people.map(({ pid }) => pid)

describe('a merge', () => {
  test('is in force when consent has heard; the pid that is no person’s any more answers as the person it leads to', async () => {
    desk.fake.reachable(false)
    const decisionId = await desk.merge(one ?? '', two ?? '')
    expect(await customer(two)).toEqual({ pid: two, currentPid: two, displayName: 'Bo L.' })
    desk.fake.reachable(true)
    await desk.merge(one ?? '', three ?? '')
    expect(await customer(two)).toEqual({ pid: two, currentPid: one, displayName: 'Ada L.' })
    expect([...desk.fake.links.keys()]).toContain(decisionId)
  })

  test('names who decided and why, and is shown with the history of the person', async () => {
    const { data } = await desk.ask(
      `mutation ($a: ID!, $b: ID!) { merge(input: { a: $a, b: $b, reason: "Called, knew both orders." }) { decisionId how by actor reason state } }`,
      { variables: { a: one, b: two } },
    )
    expect(data.merge).toMatchObject({
      how: 'PERSON',
      by: 'by-hand@1',
      actor: 'clerk-7',
      reason: 'Called, knew both orders.',
      state: 'EFFECTIVE',
    })
    await desk.ask(UNMERGE, { variables: { id: data.merge.decisionId } })
    const history = await desk.ask(
      'query ($pid: ID!) { mergeHistory(pid: $pid) { kind actor merge { decisionId } separation { actor } } }',
      { variables: { pid: two } },
    )
    expect(history.data.mergeHistory).toEqual([
      { kind: 'MERGE', actor: 'clerk-7', merge: { decisionId: data.merge.decisionId }, separation: null },
      { kind: 'UNMERGE', actor: 'clerk-7', merge: { decisionId: data.merge.decisionId }, separation: null },
      { kind: 'SEPARATION', actor: 'clerk-7', merge: null, separation: { actor: 'clerk-7' } },
    ])
  })

  test.each([
    ['of somebody with themselves', () => ({ a: one, b: one }), 'MERGE_WITH_ONESELF'],
    ['of nobody', () => ({ a: one, b: 'p1_nobody' }), 'RECORD_UNKNOWN'],
  ])('%s is refused', async (_, variables, code) => {
    const mutation = 'mutation ($a: ID!, $b: ID!) { merge(input: { a: $a, b: $b }) { decisionId } }'
    expect((await desk.ask(mutation, { variables: variables() })).codes).toEqual([code])
  })

  test.each([
    ['for another purpose', { purpose: 'personalization' }, 'PURPOSE_NOT_ALLOWED'],
    ['by nobody in particular', { actor: null }, 'ACTOR_MISSING'],
  ])('%s is refused, and nothing is written', async (_, asked, code) => {
    const mutation = 'mutation ($a: ID!, $b: ID!) { merge(input: { a: $a, b: $b }) { decisionId } }'
    expect((await desk.ask(mutation, { variables: { a: one, b: two }, ...asked })).codes).toEqual([code])
    expect(await people()).toEqual([one, two, three])
    expect(desk.fake.calls).toEqual([])
  })

  test('how somebody came together is told step by step, now and at a past time', async () => {
    const first = await desk.merge(two ?? '', three ?? '')
    const between = desk.now()
    const second = await desk.merge(three ?? '', one ?? '')
    const how = async (asOf: string | null) =>
      (
        await desk.ask(
          `query ($pid: ID!, $asOf: String) { howBuilt(pid: $pid, asOf: $asOf) { pid records { pid } steps { decision { decisionId } joined pid records } } }`,
          { variables: { pid: three, asOf } },
        )
      ).data.howBuilt
    const stepOne = { decision: { decisionId: first }, joined: [two, three], pid: two, records: 2 }
    expect(await how(null)).toEqual({
      pid: one,
      records: [{ pid: one }, { pid: two }, { pid: three }],
      steps: [stepOne, { decision: { decisionId: second }, joined: [one, two], pid: one, records: 3 }],
    })
    expect(await how(between)).toEqual({
      pid: two,
      records: [{ pid: two }, { pid: three }],
      steps: [stepOne],
    })
    expect(await how('2025-01-01T00:00:00Z')).toBeNull()
  })
})

describe('an unmerge', () => {
  test('is planned without changing anything, and the plan is what then happens', async () => {
    const id = await desk.merge(one ?? '', two ?? '')
    await desk.merge(two ?? '', three ?? '')
    const before = await people()
    const plan = (await desk.ask(PLAN, { variables: { id } })).data.planUnmerge
    expect(await people()).toEqual(before)
    expect(plan).toEqual({
      merge: { decisionId: id, state: 'EFFECTIVE' },
      parts: [
        {
          pid: one,
          records: [{ pid: one }],
          identifiers: [
            { kind: 'EMAIL', records: [{ pid: one }] },
            { kind: 'PHONE', records: [{ pid: one }] },
          ],
          households: [{ kind: 'HOUSEHOLD', records: [{ pid: one }] }],
          accounts: [],
          devices: [],
          consentPids: [one],
        },
        {
          pid: two,
          records: [{ pid: two }, { pid: three }],
          identifiers: [{ kind: 'PHONE', records: [{ pid: two }] }],
          households: [{ kind: 'HOUSEHOLD', records: [{ pid: two }] }],
          accounts: [{ kind: 'ACCOUNT' }],
          devices: [],
          consentPids: [two, three],
        },
      ],
      heldBy: [],
      redirects: [
        { pid: two, from: one, to: two },
        { pid: three, from: one, to: two },
      ],
      shared: [
        { kind: 'PHONE', pids: [one, two] },
        { kind: 'HOUSEHOLD', pids: [one, two] },
      ],
      saidWhileMerged: [],
    })
    const done = (await desk.ask(UNMERGE, { variables: { id } })).data.unmerge
    expect(done).toEqual({ ...plan, merge: { decisionId: id, state: 'UNDONE' } })
    expect(await people()).toEqual([one, two])
    expect(await customer(three)).toMatchObject({ currentPid: two })
  })

  test('gives each back exactly what they were', async () => {
    const everything = async () => {
      const pids = [one ?? '', two ?? '', three ?? '']
      const { store } = desk
      return [
        await people(),
        ...(await Promise.all([
          store.records(pids),
          store.identifiers(pids),
          store.accounts(pids),
          store.households(pids),
        ])),
      ]
    }
    const before = await everything()
    const [first, second] = [await desk.merge(one ?? '', two ?? ''), await desk.merge(two ?? '', three ?? '')]
    await desk.ask(UNMERGE, { variables: { id: first } })
    await desk.ask(UNMERGE, { variables: { id: second } })
    expect(await everything()).toEqual(before)
    expect(desk.fake.links.size).toBe(0)
  })

  test.each([
    ['a second time', 'ALREADY_UNMERGED'],
    ['of an unmerge', 'DECISION_NOT_A_MERGE'],
    ['of nothing', 'DECISION_UNKNOWN'],
  ])('%s is refused with a code', async (what, code) => {
    const id = await desk.merge(one ?? '', two ?? '')
    const { data } = await desk.ask(
      'mutation ($id: ID!) { unmerge(input: { decisionId: $id, keepApart: false }) { merge { undone { decisionId } } } }',
      { variables: { id } },
    )
    const again = {
      'a second time': id,
      'of an unmerge': data.unmerge.merge.undone.decisionId,
      'of nothing': '\u0000',
    }
    const variables = { id: again[what as keyof typeof again] }
    expect((await desk.ask(UNMERGE, { variables })).codes).toEqual([code])
    expect((await desk.ask(PLAN, { variables })).codes).toEqual([code])
  })
})

describe('possible matches', () => {
  const OPEN =
    'query ($after: String) { possibleMatches(first: 1, after: $after) { nodes { matchId a { pid } b { pid } by evidence { field level } } pageInfo { hasNextPage endCursor } } }'
  const DECIDE =
    'mutation ($matchId: ID!, $verdict: MatchVerdict!) { decideMatch(input: { matchId: $matchId, verdict: $verdict }) { verdict actor decisionId } }'

  test('an import puts two people it finds to be one in the queue; somebody decides, once', async () => {
    await desk.import(
      customerRecord('4', { email: 'dee@example.org', givenName: 'Dee' }),
      customerRecord('5', { loyalty: 'L5', givenName: 'Dee' }),
      customerRecord('6', { email: 'dee@example.org', loyalty: 'L5', givenName: 'Dee' }),
    )
    const open = (await desk.ask(OPEN)).data.possibleMatches
    const [four, five, six] = [await desk.seed('4'), await desk.seed('5'), await desk.seed('6')]
    expect(open.nodes).toMatchObject([
      {
        a: { pid: five },
        b: { pid: six },
        by: 'shared-identifier@1',
        evidence: [{ field: 'loyalty' }, {}, {}],
      },
    ])
    expect(open.pageInfo.hasNextPage).toBe(false)
    expect(await customer(five)).toMatchObject({ currentPid: five })
    const variables = { matchId: open.nodes[0].matchId, verdict: 'MERGED' }
    expect((await desk.ask(DECIDE, { variables })).data.decideMatch).toMatchObject({
      verdict: 'MERGED',
      actor: 'clerk-7',
    })
    expect(await customer(five)).toMatchObject({ currentPid: four })
    expect((await desk.ask(DECIDE, { variables })).codes).toEqual(['MATCH_DECIDED'])
    expect((await desk.ask(OPEN)).data.possibleMatches.nodes).toEqual([])
  })
})

test('deleting the record that alone held people together says who they are now', async () => {
  await desk.merge(one ?? '', two ?? '')
  await desk.merge(two ?? '', three ?? '')
  const { data } = await desk.ask(
    'mutation ($record: ID!) { deleteRecord(input: { record: $record }) { wasBridge from to heir } }',
    { variables: { record: two } },
  )
  expect(data.deleteRecord).toEqual({ wasBridge: true, from: [one], to: [one, three], heir: one })
  expect(await customer(two)).toEqual({ pid: two, currentPid: one, displayName: 'Ada L.' })
  expect(await customer(three)).toEqual({ pid: three, currentPid: three, displayName: 'Cyd L.' })
})
