import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OperationDefinitionNode, parse } from 'graphql'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadWorld } from '../../gateway/plan/load-world.ts'
import { planOperation } from '../../gateway/plan/plan.ts'
import {
  type PlannerProcess,
  type PlannerProcessOptions,
  startPlannerProcess,
} from '../../gateway/plan/planner-process.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { createWorld } from '../support/world.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const planner = { file: join(root, 'gateway/plan/planner-child.ts'), execArgv: ['--import', 'tsx'] }
const { supergraph } = createWorld(peopleGraph)

/** Speaks like the planner and does what the document says. */
const pretender = {
  file: join(mkdtempSync(join(tmpdir(), 'assent-planner-')), 'pretender.mjs'),
  execArgv: [],
}
writeFileSync(
  pretender.file,
  `process.once('disconnect', () => process.exit())
  process.on('message', ({ type, text }) => {
    if (type === 'load') return process.send({ type: 'loaded' })
    if (text.includes('die')) process.abort()
    if (text.includes('refuse')) return process.send({ type: 'refused', problem: 'no' })
    if (text.includes('environment'))
      return process.send({ type: 'planned', plan: { kind: 'QueryPlan', names: Object.keys(process.env) } })
    if (!text.includes('hang')) process.send({ type: 'planned', plan: { kind: 'QueryPlan' } })
  })`,
)

const started: PlannerProcess[] = []
let deaths: object[] = []

afterEach(() => {
  for (const one of started.splice(0)) one.close()
  deaths = []
})

const start = (sdl: string, options: Partial<PlannerProcessOptions> = {}): PlannerProcess => {
  const log = { error: (details: object) => void deaths.push(details) }
  const one = startPlannerProcess(sdl, { timeoutMs: 30_000, program: pretender, log, ...options })
  started.push(one)
  return one
}

const PLAN = { kind: 'QueryPlan' }
const failed = { code: 'PLAN_FAILED' }

describe('the process that plans', () => {
  it('plans as the planner does in this process, and the next one does after it was killed', async () => {
    let one: PlannerProcess | undefined
    const there = loadWorld(
      supergraph,
      (sdl) => (one = start(sdl, { program: planner, waitMs: 60_000 })),
    ).planner
    const here = loadWorld(supergraph).planner
    const query = '{ people { name email } }'
    expect(await there.plan(query)).toEqual(await here.plan(query))
    // In this supergraph every entity has a way in.
    const entering = '{ a: _assent_PEOPLE_Person { name } }'
    expect(await there.plan(entering, undefined, 'entered')).toEqual(
      await here.plan(entering, undefined, 'entered'),
    )
    await expect(there.plan(entering)).rejects.not.toMatchObject({ code: expect.anything() })
    await expect(there.plan('{ nothing }')).rejects.not.toMatchObject({ code: expect.anything() })

    const pid = one?.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    const lost = there.plan('{ people { name } }')
    const next = there.plan('{ people { email } }')
    process.kill(pid, 'SIGKILL')
    await expect(lost).rejects.toMatchObject(failed)
    expect(await next).toEqual(await here.plan('{ people { email } }'))
    expect(one?.pid).not.toBe(pid)
    expect(deaths).toEqual([{ code: null, signal: 'SIGKILL', restartMs: 50 }])
  })

  it('dies of a document once; those who waited are answered', async () => {
    const one = start('')
    const asked = ['die', 'b', 'die', 'refuse', 'c'].map((text) => one.plan(text))
    expect(await Promise.allSettled(asked)).toMatchObject([
      { status: 'rejected', reason: failed },
      { status: 'fulfilled', value: PLAN },
      { status: 'rejected', reason: failed },
      { status: 'rejected', reason: new Error('no') },
      { status: 'fulfilled', value: PLAN },
    ])
    await expect(one.plan('die')).rejects.toMatchObject(failed)
    expect(deaths).toEqual([{ code: null, signal: 'SIGABRT', restartMs: 50 }])
  })

  it('is not asked in other words for what it died of', async () => {
    const world = loadWorld(supergraph, (sdl) => start(sdl))
    const [operation] = parse('{ die: contacts { ... on Node { id } } }').definitions as [
      OperationDefinitionNode,
    ]
    const plan = planOperation(operation, operation.selectionSet.selections, world)
    await expect(plan).rejects.toMatchObject(failed)
    expect(deaths).toHaveLength(1)
  })

  it('is killed when a plan takes too long, and started again', async () => {
    const one = start('', { timeoutMs: 20 })
    await expect(one.plan('hang')).rejects.toMatchObject(failed)
    await expect(one.plan('hang')).rejects.toMatchObject(failed)
    expect(deaths).toEqual([{ code: null, signal: 'SIGKILL', restartMs: 50 }])
  })

  it('turns away who would wait behind too many, or too long', async () => {
    const one = start('', { mostWaiting: 2 })
    const waiting = [one.plan('a'), one.plan('b')]
    await expect(one.plan('c')).rejects.toMatchObject({ code: 'PLANNER_BUSY' })
    expect(await Promise.all(waiting)).toEqual([PLAN, PLAN])

    const absent = start('', { waitMs: 500, program: { file: '/nowhere.mjs', execArgv: [] } })
    await expect(absent.plan('a')).rejects.toMatchObject({ code: 'PLANNER_BUSY' })
  })

  it('may not even start: the gateway stays up, and tries again', async () => {
    const one = start('', { waitMs: 100, program: { ...pretender, execArgv: ['\0'] } })
    await expect(one.plan('a')).rejects.toMatchObject({ code: 'PLANNER_BUSY' })
    expect(deaths).toMatchObject([{ code: 'ERR_INVALID_ARG_VALUE', restartMs: 50 }, { restartMs: 100 }])
  })

  it('waits longer before every start that comes to nothing', async () => {
    const one = start('')
    for (const text of ['die 1', 'die 2', 'die 3']) await expect(one.plan(text)).rejects.toMatchObject(failed)
    expect(await one.plan('a')).toEqual(PLAN)
    await expect(one.plan('die 4')).rejects.toMatchObject(failed)
    expect(deaths).toMatchObject([
      { restartMs: 50 },
      { restartMs: 100 },
      { restartMs: 200 },
      { restartMs: 50 },
    ])
  })

  it('is handed nothing of the environment', async () => {
    const { names } = (await start('').plan('environment')) as unknown as { names: string[] }
    expect(names.filter((name) => !name.startsWith('NODE_CHANNEL_'))).toEqual([])
  })

  it('answers everybody when it is closed', async () => {
    const one = start('')
    await one.plan('a')
    const asked = [one.plan('hang'), one.plan('b')]
    one.close()
    for (const each of [...asked, one.plan('c')])
      await expect(each).rejects.toMatchObject({ code: 'GATEWAY_STOPPING' })
    expect(deaths).toEqual([])
  })

  it('does not keep its parent alive, and goes with it', async () => {
    const script = `
      import { startPlannerProcess } from ${JSON.stringify(join(root, 'gateway/plan/planner-process.ts'))}
      const one = startPlannerProcess('type Query { a: Int }', {
        timeoutMs: 30_000, log: console, program: ${JSON.stringify({ ...pretender })},
      })
      await one.plan('a')
      console.log(one.pid)`
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: root,
    })
    const said: string[] = []
    parent.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    expect(await once(parent, 'close')).toEqual([0, null])
    const pid = Number(said.join(''))
    expect(pid).toBeGreaterThan(0)
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 10_000)
  })
})
