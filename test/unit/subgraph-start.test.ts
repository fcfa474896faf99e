import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StartOptions, SubgraphsMessage } from '../../subgraphs/start-message.ts'
import { signedRequest } from '../support/signed-request.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const KEY = 'the key of every subgraph'
const grantKeys = { identity: KEY, consent: KEY, features: KEY, recommendations: KEY, aggregates: KEY }

/** The answers these tests read, loosely: what they hold is other tests' business. */
interface Data {
  readonly customers: { readonly nodes: readonly { readonly pid: string }[] }
  readonly consentStates: readonly { readonly scopes: readonly { readonly status: string }[] }[]
}

let dataDir: string
let first: Awaited<ReturnType<typeof started>>
const children: ChildProcess[] = []

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'assent-start-'))
  first = await started()
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
})

describe('The process of the subgraphs', () => {
  test('fills an empty data directory, tells how far it is, and where they are', async () => {
    expect(first.messages.map(({ type }) => type)).toEqual(['progress', 'progress', 'progress', 'ready'])
    expect(first.messages.at(-1)).toMatchObject({
      subgraphs: ['identity', 'consent', 'features', 'recommendations', 'aggregates'].map((name) => ({
        name,
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/),
      })),
      rssMb: expect.any(Number),
    })
  })

  test('shows every state of consent among the first fifty people', async () => {
    const pids = await people(first.messages)
    expect(pids).toHaveLength(50)
    const shown = new Set((await states(first.messages, pids)).map(({ status }) => status))
    expect([...shown].toSorted()).toEqual([
      'EXPIRED',
      'GIVEN',
      'INVALIDATED',
      'REFUSED',
      'RENEWED',
      'REQUESTED',
      'WITHDRAWN',
    ])
  })

  test('refuses a directory that another process has, names it, and leaves it alone', async () => {
    const second = run()
    const [message] = await once(second, 'message')
    expect(message).toMatchObject({
      type: 'failed',
      code: 'DATA_DIRECTORY_LOCKED',
      message: expect.stringContaining(`process ${first.child.pid}`),
    })
    expect(await ended(second)).toBe(1)
    expect(await people(first.messages)).toHaveLength(50)
  })

  test('finds everything again after a restart, and ends when its parent is gone', async () => {
    const pids = await people(first.messages)
    const before = await states(first.messages, pids)
    expect(await ended(first.child, () => first.child.kill('SIGTERM'))).toBe(0)
    expect(existsSync(join(dataDir, 'lock'))).toBe(false)
    expect(statSync(join(dataDir, 'keyring.json')).mode & 0o777).toBe(0o600)

    const second = await started()
    expect(second.messages.map(({ type }) => type)).toEqual(['progress', 'progress', 'ready'])
    expect(await people(second.messages)).toEqual(pids)
    expect(await states(second.messages, pids)).toEqual(before)
    expect(await ended(second.child, () => second.child.disconnect())).toBe(0)
  })
})

function run(): ChildProcess {
  const child = fork(join(root, 'subgraphs/start.ts'), [], {
    execArgv: ['--import', 'tsx'],
    cwd: root,
    silent: true,
  })
  children.push(child)
  const options: StartOptions = {
    recommendationLists: { windowMs: 60_000, listsPerWindow: 1_000 },
    dataDir,
    grantKeys,
    demoPeople: 60,
    seedDir: join(root, 'dist/pglite-seed'),
  }
  child.send({ type: 'start', options })
  return child
}

async function started(): Promise<{ child: ChildProcess; messages: readonly SubgraphsMessage[] }> {
  const child = run()
  const messages: SubgraphsMessage[] = []
  while (messages.at(-1)?.type !== 'ready') {
    const [message] = (await once(child, 'message')) as [SubgraphsMessage]
    messages.push(message)
    if (message.type === 'failed') throw new Error(message.code)
  }
  return { child, messages }
}

async function ended(child: ChildProcess, end = () => {}): Promise<number | null> {
  const exit = once(child, 'exit')
  if (child.exitCode !== null) return child.exitCode
  end()
  return ((await exit) as [number | null])[0]
}

async function people(messages: readonly SubgraphsMessage[]): Promise<readonly string[]> {
  const { customers } = await ask(messages, 'identity', '{ customers(first: 50) { nodes { pid } } }')
  return customers.nodes.map(({ pid }) => pid)
}

async function states(
  messages: readonly SubgraphsMessage[],
  subjects: readonly string[],
): Promise<readonly { readonly status: string }[]> {
  const query =
    'query ($subjects: [ID!]!) { consentStates(subjects: $subjects) { scopes { scope status receipt } } }'
  const { consentStates } = await ask(messages, 'consent', query, { subjects })
  return consentStates.flatMap(({ scopes }) => scopes)
}

async function ask(
  messages: readonly SubgraphsMessage[],
  name: string,
  query: string,
  variables = {},
): Promise<Data> {
  const ready = messages.at(-1)
  const url =
    ready?.type === 'ready' ? ready.subgraphs.find((subgraph) => subgraph.name === name)?.url : undefined
  const { method, headers, payload } = signedRequest(
    { query, variables },
    { subgraph: name, key: KEY, now: Date.now() },
  )
  const response = await fetch(url ?? '', { method, headers, body: payload })
  return ((await response.json()) as { data: Data }).data
}
