import { beforeEach, expect, test } from 'vitest'
import { consentWork } from '../../subgraphs/identity/graph/consent-work.ts'
import { settle } from '../../subgraphs/identity/graph/settle.ts'
import { resolvePeople } from '../../subgraphs/identity/resolve-people.ts'
import { storedRows } from '../../subgraphs/identity/stored-rows.ts'
import { customerRecord, identityDesk } from '../support/identity-desk.ts'

/** Forty people of one record, so that there is something to learn from, and Ada, who is in two systems. */
const others = Array.from({ length: 40 }, (_, index) => {
  const name = `${String.fromCharCode(66 + (index % 20))}${['una', 'ertil', 'aro'][index % 3]}`
  const family = `${['Holm', 'Strand', 'Vik', 'Dahl', 'Berg'][index % 5]}${['gren', 'son', 'qvist', 'man'][index % 4]}`
  return customerRecord(`o${index}`, {
    givenName: name,
    familyName: family,
    email: `${name}.${family}${index}@example.org`,
    phone: `+49301${String(200000 + index * 37)}`,
    dateOfBirth: `19${60 + (index % 35)}-0${1 + (index % 9)}-1${index % 9}`,
  })
})
const ada = {
  givenName: 'Adelheid',
  familyName: 'Lindqvist',
  dateOfBirth: '1984-03-17',
  phone: '+49301777777',
}

let desk: ReturnType<typeof identityDesk>
beforeEach(async () => {
  desk = identityDesk()
  await desk.import(
    ...others,
    customerRecord('a1', { ...ada, email: 'adelheid.lindqvist@example.org' }),
    // The import joins by tokens: a mistyped name keeps these two apart.
    customerRecord('a2', {
      ...ada,
      givenName: 'Adelhied',
      familyName: 'Lindkwist',
      email: 'a.lindqvist@example.org',
    }),
  )
})

const resolve = async (isDryRun = false) => {
  const vault = await desk.vault
  const { store, clock } = desk
  return resolvePeople({ store, rows: storedRows(store, vault), matching: {}, isDryRun, clock })
}
const isOne = async (): Promise<boolean> => {
  const nodes = await desk.store.look(async (graph) =>
    graph.bySeed([await desk.seed('a1'), await desk.seed('a2')]),
  )
  return new Set(nodes.map(({ pid }) => pid)).size === 1
}
const settled = () => settle(consentWork(desk.store), desk.fake.consent, desk.clock)

test('a dry run counts and writes nothing', async () => {
  const { records, merges, proposed } = await resolve(true)
  expect(records).toBe(others.length + 2)
  expect(merges.decided + proposed).toBeGreaterThan(0)
  await settled()
  expect(desk.fake.calls).toEqual([])
  expect(await desk.store.look((graph) => graph.openMatches(10, 0))).toEqual([])
})

test('every pair becomes a decision with its waterfall or a possible match, and is not written twice', async () => {
  const first = await resolve()
  await settled()
  const nodes = await desk.store.look((graph) => graph.nodesAfter(0, 100))
  const decisions = await desk.store.look((graph) => graph.mergesOf(nodes.map(({ id }) => id)))
  const matches = await desk.store.look((graph) => graph.openMatches(100, 0))
  expect([decisions.length, matches.length]).toEqual([first.merges.decided, first.proposed])
  for (const { by, prior, evidence, probability } of [...decisions, ...matches]) {
    expect(by).toMatch(/^people@\d+\+[0-9a-f]{8}$/)
    const total = evidence.reduce((sum, { weight }) => sum + (weight ?? Number.NaN), prior ?? Number.NaN)
    expect(Math.abs(1 / (1 + 2 ** -total) - (probability ?? 0))).toBeLessThan(1e-9)
  }
  expect(JSON.stringify([decisions, matches])).not.toMatch(/adelh|lindqvist|1984-03|301777777/i)
  const again = await resolve()
  expect(again).toMatchObject({ merges: { decided: 0 }, proposed: 0 })
})

test('who was parted by somebody stays apart', async () => {
  const { merges } = await resolve()
  await settled()
  if (merges.decided === 0) {
    // What the model is not sure of, somebody decides.
    const [match] = await desk.store.look((graph) => graph.openMatches(1, 0))
    await desk.ask(
      'mutation ($id: ID!) { decideMatch(input: { matchId: $id, verdict: MERGED }) { verdict } }',
      {
        variables: { id: match?.matchId },
      },
    )
  }
  expect(await isOne()).toBe(true)
  const history = await desk.ask('query ($pid: ID!) { mergeHistory(pid: $pid) { merge { decisionId } } }', {
    variables: { pid: await desk.seed('a2') },
  })
  await desk.ask('mutation ($id: ID!) { unmerge(input: { decisionId: $id }) { parts { pid } } }', {
    variables: { id: history.data.mergeHistory[0].merge.decisionId },
  })
  expect(await isOne()).toBe(false)
  await resolve()
  await settled()
  expect(await isOne()).toBe(false)
})
