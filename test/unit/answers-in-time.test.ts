import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { answerInTime } from '../../gateway/in-time/answer-in-time.ts'
import type { Caller, DecisionRecord, DecisionRecords } from '../../gateway/ports.ts'
import type { GatewayRequest, GatewayResult } from '../../gateway/request.ts'
import { callerWith, NO_TRANSPORT, NOW } from '../support/world.ts'

const document = parse('query Page($pid: ID) { visitor(pid: $pid) { name } }')

/** A gateway that decides about Ada, or about nobody, and is late when it is told to be. */
const openGateway = ({ people = ['ada'] }: { readonly people?: readonly string[] } = {}) => {
  const asked: GatewayRequest[] = []
  let isLate = false
  let expire = (): void => undefined
  const inTime = answerInTime({
    clock: () => NOW,
    consent: {
      changes: { holds: () => true, position: () => 0, after: () => [], reach: async () => undefined },
    },
    decisionLog: { write: async () => undefined },
    timer: (_, run) => {
      expire = run
      return () => undefined
    },
    execute: async (request, log) => {
      asked.push(request)
      if (isLate) return new Promise(() => undefined)
      const user = request.incoming('x-user') ?? 'nobody'
      const record = { people: people.map((pid) => [pid, '1']) } as unknown as DecisionRecord
      await log.write(recordsOf(record))
      return {
        data: { user, proved: request.caller.proof !== undefined },
        mayLeave: () => true,
      } as unknown as GatewayResult
    },
  })
  const requestOf = (caller: Caller, headers: Readonly<Record<string, string>>): GatewayRequest => ({
    document,
    variables: { pid: 'ada' },
    caller,
    requestId: 'request-1',
    ...NO_TRANSPORT,
    incoming: (name) => headers[name],
  })
  return {
    asked,
    ask: (caller: Caller, headers = {}) => inTime(requestOf(caller, headers), 500),
    async askLate(caller: Caller, headers = {}) {
      await new Promise((resolve) => setImmediate(resolve))
      isLate = true
      const answer = inTime(requestOf(caller, headers), 500)
      expire()
      return answer
    },
  }
}

const recordsOf = (record: DecisionRecord): DecisionRecords => Object.assign([record], { lines: () => '' })

const contract = callerWith({ scopes: ['contact'] }).contract
const page: Caller = { ...callerWith({ scopes: ['contact'], contract }), budgetMs: 500, personal: ['pid'] }
const admin: Caller = { ...page, proof: { scopes: new Set(['admin']) } }

describe('What is told instead of a late answer', () => {
  test('is the answer before it, to who asks the same with the same headers', async () => {
    const { ask, askLate } = openGateway()
    await ask(page, { 'x-user': 'a', traceparent: '1' })
    const late = await askLate(page, { 'x-user': 'a', traceparent: '2' })
    expect([late.data, late.extensions]).toEqual([
      { user: 'a', proved: false },
      { operation: { answeredBy: 'SNAPSHOT' } },
    ])
  })

  test('is not the answer of who sent another header that was looked at, but nobody’s', async () => {
    const { ask, askLate } = openGateway()
    await ask(page, { 'x-user': 'a' })
    const late = await askLate(page, { 'x-user': 'b' })
    expect(late.data).toEqual({ user: 'nobody', proved: false })
  })

  test('is not the answer of who had proved more, and nobody’s is asked without any proof or policy', async () => {
    const { ask, askLate, asked } = openGateway()
    await ask({ ...admin, contract: { ...contract, policies: ['consent_validation'] } })
    const late = await askLate(page)
    expect(late.data).toEqual({ user: 'nobody', proved: false })
    expect(asked[1]?.caller).toMatchObject({ scopes: new Set(), actor: null, contract: { policies: [] } })
    expect(asked[1]?.variables).toEqual({ pid: 'anonymous' })
  })

  test('is nothing of an answer in which nobody was decided about', async () => {
    const { ask, askLate } = openGateway({ people: [] })
    await ask(page)
    expect((await askLate(page)).extensions).toEqual({ operation: { answeredBy: 'NOBODY' } })
  })

  test('is nothing where the contract does not say through what the operation is about a person', async () => {
    const { personal: _personal, ...unsaid } = page
    const { ask, askLate, asked } = openGateway()
    await ask(unsaid)
    await expect(askLate(unsaid)).rejects.toMatchObject({ code: 'OPERATION_LATE' })
    expect(asked.map(({ variables }) => variables)).toEqual([{ pid: 'ada' }, { pid: 'ada' }])
  })

  test('is nothing once the contract was written anew', async () => {
    const { ask, askLate } = openGateway()
    await ask(page)
    const late = await askLate({ ...page, contract: { ...contract } })
    expect(late.extensions).toEqual({ operation: { answeredBy: 'NOBODY' } })
  })
})
