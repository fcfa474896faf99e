import { beforeEach, describe, expect, test } from 'vitest'
import { customerRecord, identityDesk } from '../support/identity-desk.ts'

const RECORDS =
  'query ($pid: ID!, $asOf: String) { customer(pid: $pid) { records(asOf: $asOf) { recordId } } }'

let desk: ReturnType<typeof identityDesk>
let [ada, bo] = ['', '']
beforeEach(async () => {
  desk = identityDesk()
  await desk.import(customerRecord('ada'), customerRecord('bo'))
  ;[ada, bo] = [await desk.seed('ada'), await desk.seed('bo')]
})

const recordsOf = async (pid: string, asOf: string | null = null): Promise<string[] | null> => {
  const { data } = await desk.ask(RECORDS, { variables: { pid, asOf } })
  return data.customer.records?.map(({ recordId }: { recordId: string }) => recordId) ?? null
}

describe('The records of a person at a past time', () => {
  test('are those of before a merge, under each pid of then', async () => {
    const before = desk.now()
    await desk.merge(ada, bo)
    const after = desk.now()
    expect(await recordsOf(bo)).toEqual(['ada', 'bo'])
    expect([await recordsOf(ada, before), await recordsOf(bo, before)]).toEqual([['ada'], ['bo']])
    expect([await recordsOf(ada, after), await recordsOf(bo, after)]).toEqual([
      ['ada', 'bo'],
      ['ada', 'bo'],
    ])
  })

  test('are not those that are somebody else’s by now: another consent decides about them', async () => {
    const decision = await desk.merge(ada, bo)
    const merged = desk.now()
    await desk.ask('mutation ($id: ID!) { unmerge(input: { decisionId: $id }) { merge { decisionId } } }', {
      variables: { id: decision },
    })
    expect([await recordsOf(ada, merged), await recordsOf(bo, merged)]).toEqual([['ada'], ['bo']])
  })

  test('are none where nobody had the pid then', async () => {
    expect(await recordsOf(ada, '2020-01-01T00:00:00Z')).toBe(null)
  })

  test('are told for the purpose of serving people alone', async () => {
    const variables = { pid: ada, asOf: desk.now() }
    const { data, codes } = await desk.ask(RECORDS, { variables, purpose: 'analytics' })
    expect([data, codes]).toEqual([{ customer: { records: null } }, ['PURPOSE_NOT_ALLOWED']])
    expect(await desk.ask(RECORDS, { variables: { pid: ada }, purpose: 'analytics' })).toMatchObject({
      data: { customer: { records: [{ recordId: 'ada' }] } },
    })
  })

  test('of a time that is none are refused', async () => {
    expect((await desk.ask(RECORDS, { variables: { pid: ada, asOf: 'yesterday' } })).codes).toEqual([
      'BAD_USER_INPUT',
    ])
  })
})
