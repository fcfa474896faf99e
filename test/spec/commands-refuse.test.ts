import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const run = (args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { PATH: process.env['PATH'] } }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

const assent = (...args: readonly string[]): Promise<Ran> =>
  run(['--import', 'tsx', 'cli/assent.ts', ...args])

const directory = mkdtempSync(join(tmpdir(), 'assent-refusals-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}

const people = file('people.csv', 'id,given_name,family_name\n1,Ada,Ek\n2,Bo,Ek\n3,Cyd,Ek\n')
const purchases = file('purchases.csv', 'user,item,timestamp\nada,1,1\n')
const latin = join(directory, 'latin.csv')
writeFileSync(latin, Buffer.from([0x61, 0x2c, 0xe9, 0x0a]))
const ledger = file('spent.json', '{ "budget": { "epsilon": 4 }, "spent": [] }')
mkdirSync(join(directory, 'nothing'))

const EPSILON = ['privacy', 'epsilon', '--noise-multiplier', '1', '--delta']
const TRAIN = ['recommend', 'train', '--interactions', purchases, '--output', join(directory, 'model')]
const MATCH = ['identity', 'match', '--input', people, '--explain']

describe('a command tells what is wrong before it does anything', () => {
  test.each([
    [['events', 'check', '--today', '2026-13-45'], 2, /--today.*write a day/],
    [['events', 'check', '--today', '2026-02-30'], 2, /--today.*write a day/],
    [['data', 'generate', '--now', '2026-02-30', '-o', 'nowhere'], 2, /--now.*write a day/],
    [['identity', 'why', 'a', 'b', '--as-of', '2026-01-01T00:00'], 2, /--as-of.*Z/],
    [['identity', 'unmerge', 'd1', '--actor', ' '], 2, /--actor.*empty/],
    [['events', 'check', '--head', join(directory, 'nothing')], 2, /^EVENT_CONTRACTS_NONE: .*--head/],
    [['events', 'list', '-d', join(directory, 'nothing')], 2, /^EVENT_CONTRACTS_NONE: .*--directory/],
    [
      ['events', 'export', '--format', 'odcs', '-d', join(directory, 'nothing')],
      2,
      /^EVENT_CONTRACTS_NONE: /,
    ],
    [['features', 'list', '--dir', join(directory, 'nothing')], 2, /^FEATURES_NONE: .*--dir/],
    [['features', 'check', '--dir', join(directory, 'nothing')], 2, /^FEATURES_NONE: .*--dir/],
    [['events', 'quarantine', 'replay'], 2, /name ids, or --all/],
    [['events', 'quarantine', 'replay', '--code', 'X'], 2, /name ids, or --all/],
    [['events', 'quarantine', 'replay', 'q1', '--all'], 2, /not both/],
    [[...TRAIN, '--budget', '3'], 2, /--budget is kept in a ledger/],
    [[...TRAIN, '--budget', '3', '--ledger', ledger], 2, /has a budget of its own, 4/],
    [[...MATCH, '1', '1'], 2, /two different ids/],
    [[...MATCH, '1', 'nobody'], 2, /--explain.*no row has the id nobody/],
    [[...EPSILON, '1e-5', '--people', '0'], 2, /above 0/],
    [['features', 'list', '--dir', 'nowhere'], 2, /^ENOENT: .*nowhere cannot be used/],
    [['consent', 'consumers', '--url', 'bogus'], 2, /^ERR_INVALID_URL: /],
    [['recommend', 'evaluate', '--interactions', latin], 1, /^INTERACTIONS_INVALID: .*not UTF-8/],
  ])('%j', async (args, code, told) => {
    const ran = await assent(...args)
    expect([ran.code, ran.out]).toEqual([code, ''])
    expect(ran.err).toMatch(told)
    expect(ran.err).not.toContain('    at ')
  })
})

describe('δ', () => {
  test('that is no promise among so many people is told, and the number all the same', async () => {
    const { code, out, err } = await assent(...EPSILON, '1e-3', '--people', '1000')
    expect([code, Number(out)]).toEqual([0, expect.any(Number)])
    expect(err).toMatch(/δ = 0.001 is no promise among 1000 people/)
    expect((await assent(...EPSILON, '1e-5', '--people', '1000')).err).toBe('')
  })
})

describe('a command whose output nobody reads any more', () => {
  test('ends without a word, with the code of a closed pipe', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/assent.ts', 'start', '--help'])
    child.stdout.destroy()
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect([code, err]).toEqual([141, ''])
  })
})

describe('receipts of nobody', () => {
  test('are not exported silently: a pid without any is told, with 1; of everybody there may be none', async () => {
    const at = ['--data', join(directory, 'data')]
    mkdirSync(join(directory, 'data/pglite'), { recursive: true })
    const one = await assent('consent', 'export', 'nobody', ...at)
    const all = await assent('consent', 'export', '--all', ...at)
    expect([one.code, one.out, one.err]).toEqual([1, '', expect.stringMatching(/^RECEIPTS_NONE: .*nobody/)])
    expect([all.code, all.out]).toEqual([0, ''])
  })
})

describe('events in quarantine', () => {
  test('that do not wait under the ids that were named are told, with 1', async () => {
    const server = createServer((request, response) => {
      const answer = request.url?.endsWith('/discard') ? { discarded: 1 } : { replayed: [] }
      request.resume().on('end', () => response.end(JSON.stringify(answer)))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const at = ['--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--data', directory]
    const discarded = await assent('events', 'quarantine', 'discard', 'q1', 'q1', 'q2', ...at)
    const replayed = await assent('events', 'quarantine', 'replay', 'q3', ...at)
    const whole = await assent('events', 'quarantine', 'discard', 'q1', 'q1', ...at)
    server.close()
    expect(discarded).toMatchObject({ code: 1, out: '1 payload given up.\n' })
    expect(discarded.err).toMatch(/^QUARANTINE_NOT_WAITING: .*1 of 2/)
    expect(replayed.code).toBe(1)
    expect(replayed.err).toMatch(/^QUARANTINE_NOT_WAITING: .*q3/)
    expect(whole).toMatchObject({ code: 0, err: '' })
  })
})

describe('bin/assent.js', () => {
  test('says what to do where nothing was built', async () => {
    mkdirSync(join(directory, 'bin'))
    copyFileSync('bin/assent.js', join(directory, 'bin/assent.mjs'))
    const { code, err } = await run([join(directory, 'bin/assent.mjs'), '--help'])
    expect([code, err]).toEqual([2, expect.stringMatching(/^NOT_BUILT: .*\n.*npm ci/)])
  })
})
