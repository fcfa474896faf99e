import { beforeEach, describe, expect, test } from 'vitest'
import { customerRecord, identityDesk } from '../support/identity-desk.ts'

const FIELDS = 'fields { field rule won { pid } lost { pid } }'
const HISTORY = `query ($pid: ID!) { mergeHistory(pid: $pid) { kind merge { decisionId ${FIELDS}
  undone { fields { field rule person { pid } record { pid } } } } } }`
const HOW = `query ($pid: ID!) { howBuilt(pid: $pid) { steps { decision { ${FIELDS} } } fields { field record { pid } } } }`
const PLAN =
  'query ($id: ID!) { planUnmerge(decisionId: $id) { parts { pid fields { field record { pid } } } } }'
const UNMERGE =
  'mutation ($id: ID!) { unmerge(input: { decisionId: $id, keepApart: false }) { parts { pid fields { field record { pid } } } } }'
const PROFILE =
  'query ($pid: ID!) { customer(pid: $pid) { currentPid displayName region email phone household { id } } }'

let desk: ReturnType<typeof identityDesk>
let [ada, bo, cyd]: [string, string, string] = ['', '', '']
beforeEach(async () => {
  desk = identityDesk()
  await desk.import(
    customerRecord('1', { givenName: 'Ada', phone: '+49301234567', region: '' }),
    customerRecord('2', { givenName: 'Bo', email: 'bo@example.org', phone: '+49307654321' }),
    customerRecord('3', { givenName: 'Cyd', email: 'cyd@example.org', householdId: 'h1' }),
  )
  ;[ada, bo, cyd] = [await desk.seed('1'), await desk.seed('2'), await desk.seed('3')]
})

const asked = async (source: string, variables: object) => (await desk.ask(source, { variables })).data
const profiles = async () =>
  Promise.all([ada, bo, cyd].map(async (pid) => (await asked(PROFILE, { pid })).customer))

const RULE = 'oldest-record@1'
const won = (field: string, winner: string, loser: string | null) => ({
  field,
  rule: RULE,
  won: { pid: winner },
  lost: loser === null ? null : { pid: loser },
})

describe('A merge says of each field', () => {
  test('which record won it, over which, by which rule; and never a value', async () => {
    await desk.merge(ada, bo)
    const { mergeHistory } = await asked(HISTORY, { pid: ada })
    expect(mergeHistory[0].merge.fields).toEqual([
      won('displayName', ada, bo),
      won('email', bo, null),
      won('phone', ada, bo),
      won('region', bo, null),
    ])
    expect(JSON.stringify(mergeHistory)).not.toMatch(/example|4930|Ada|Bo/)
  })

  test('what the person then is shown with', async () => {
    await desk.merge(bo, cyd)
    await desk.merge(cyd, ada)
    const { howBuilt } = await asked(HOW, { pid: cyd })
    const last = howBuilt.steps.at(-1).decision.fields
    expect(howBuilt.fields.toSorted((a: Named, b: Named) => (a.field < b.field ? -1 : 1))).toEqual(
      last.map(({ field, won: record }: Named & { won: object }) => ({ field, record })),
    )
    expect(last.map(({ field, lost }: Named & { lost: unknown }) => [field, lost])).toEqual([
      ['displayName', { pid: bo }],
      ['email', null],
      ['phone', { pid: bo }],
      ['region', null],
    ])
  })

  test('nothing while it waits for consent', async () => {
    desk.fake.reachable(false)
    await desk.merge(ada, bo)
    expect((await asked(HISTORY, { pid: ada })).mergeHistory[0].merge.fields).toBeNull()
  })

  test('also where a record joins somebody as it is imported, once, whatever else speaks for it', async () => {
    await desk.import(
      customerRecord('4', { givenName: 'Bo', email: 'bo@example.org', phone: '+49307654321', region: '' }),
    )
    const four = await desk.seed('4')
    const { mergeHistory } = await asked(HISTORY, { pid: four })
    expect(mergeHistory.map(({ merge }: { merge: { fields: object[] } }) => merge.fields)).toEqual([
      [won('displayName', bo, four), won('email', bo, four), won('phone', bo, four), won('region', bo, null)],
    ])
  })
})

interface Named {
  readonly field: string
}

describe('An unmerge', () => {
  test.each([
    ['in order', [0, 1]],
    ['out of order', [1, 0]],
  ])('gives every profile back as it was, %s, and says what each has again', async (_, order) => {
    const before = await profiles()
    const decisions = [await desk.merge(ada, bo), await desk.merge(bo, cyd)]
    for (const index of order) {
      const id = decisions[index]
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const plan = (await asked(PLAN, { id })).planUnmerge.parts
      // oxlint-disable-next-line no-await-in-loop
      expect((await asked(UNMERGE, { id })).unmerge.parts).toEqual(plan)
      // oxlint-disable-next-line no-await-in-loop
      const { mergeHistory } = await asked(HISTORY, { pid: ada })
      const entries = mergeHistory as { merge: { decisionId: string; undone: { fields: Restored[] } } }[]
      const undone = entries.find(({ merge }) => merge.decisionId === id)?.merge.undone
      const restored = plan.flatMap(({ pid, fields }: { pid: string; fields: Restored[] }) =>
        fields.map(({ field, record }) => ({ field, rule: RULE, person: { pid }, record })),
      )
      if (undone) expect(undone.fields).toEqual(restored)
    }
    expect(await profiles()).toEqual(before)
  })

  test('of two whom another decision holds together changes no field, and says so', async () => {
    await desk.merge(ada, bo)
    const held = await desk.store.change(async (graph) => {
      const [one, other] = await graph.bySeed([ada, bo])
      const decision = { ...(await graph.mergesOf([one?.id ?? 0]))[0]!, decisionId: 'm_second', position: 99 }
      await graph.putMerges([{ ...decision, a: one?.id ?? 0, b: other?.id ?? 0, fields: [] }])
      return decision.decisionId
    })
    await asked(UNMERGE, { id: held })
    const { mergeHistory } = await asked(HISTORY, { pid: ada })
    const undone = mergeHistory.find(({ kind }: { kind: string }) => kind === 'UNMERGE')
    expect(undone).toMatchObject({ merge: { undone: { fields: [] } } })
  })
})

interface Restored {
  readonly field: string
  readonly record: { readonly pid: string }
}
