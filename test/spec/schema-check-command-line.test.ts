import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { registryCommand } from '../../cli/registry.ts'
import { schemaCommand } from '../../cli/schema.ts'

const directory = mkdtempSync(join(tmpdir(), 'assent-check-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
mkdirSync(join(directory, 'schemas'))
writeFileSync(join(directory, 'schemas/shop.graphql'), 'type Query { a: Int }\n')
const schemas = join(directory, 'schemas')

const check = (
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', ...args],
      { env: { PATH: process.env['PATH'], ...env } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
const against = (base: string, env: Record<string, string> = {}) =>
  check(['schema', 'check', '--base', base, '--head', schemas], env)

describe('A check that cannot be made never passes, and says what to do', () => {
  test('2: a place that is none, a directory in no working tree, a registry nobody has named', async () => {
    const [nowhere, outside, unnamed] = await Promise.all([
      against(join(directory, 'nowhere')),
      against('git:main'),
      against('registry:prod'),
    ])
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_PLACE_MISSING') })
    expect(outside).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_NOT_IN_GIT') })
    expect(outside.err).toContain(schemas)
    expect(unnamed).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_REGISTRY_UNNAMED') })
    expect(unnamed.err).toContain('ASSENT_REGISTRY_URL')
  })

  test('2: a directory that the revision has not, also when the working tree has not', async () => {
    const [nodir, noFile] = await Promise.all([
      against('git:HEAD:nodir/at/all'),
      against('git:HEAD:nodir/shop.graphql'),
    ])
    for (const asked of [nodir, noFile])
      expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_REF_UNKNOWN') })
  })

  test('a directory that is gone from the working tree is read at its revision', async () => {
    const tree = join(directory, 'tree')
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
        cwd: tree,
      })
    mkdirSync(join(tree, 'old/deep'), { recursive: true })
    writeFileSync(join(tree, 'old/deep/shop.graphql'), 'type Query { a: Int }\n')
    for (const words of [
      ['init', '-q'],
      ['add', '.'],
      ['commit', '-qm', 'first'],
    ])
      git(...words)
    rmSync(join(tree, 'old'), { recursive: true })
    for (const place of ['old/deep', 'old/deep/shop.graphql'])
      expect(await against(`git:HEAD:${join(tree, place)}`)).toMatchObject({ code: 0, err: '' })
  })

  test('2: a registry that does not take the token, or whose url is none: it is there, and is not asked', async () => {
    const refusing = createServer((_, response) => response.writeHead(401).end('{}')).listen(0, '127.0.0.1')
    await once(refusing, 'listening')
    const { port } = refusing.address() as AddressInfo
    const [refused, nonsense, withUser] = await Promise.all([
      against('registry:prod', { ASSENT_REGISTRY_URL: `http://127.0.0.1:${port}` }),
      against('registry:prod', { ASSENT_REGISTRY_URL: 'nonsense' }),
      against('registry:prod', { ASSENT_REGISTRY_URL: 'http://ada:secret@127.0.0.1:1' }),
    ])
    refusing.close()
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_REGISTRY_REFUSED') })
    expect(nonsense).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_REGISTRY_UNNAMED') })
    expect(nonsense.err).toContain('registry:prod, ASSENT_REGISTRY_URL is no http or https url')
    expect(withUser).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_REGISTRY_UNNAMED') })
    expect(withUser.err).not.toContain('secret')
  })

  test.each([
    ['schema check', '--today', '2026-13-45'],
    ['schema check', '--today', '2026-02-30'],
    ['schema check', '--period', 'a month'],
    ['schema check', '--period', ''],
    ['schema check', '--owner', ' '],
    ['registry publish', '--tag', ''],
    ['registry approve', '--by', ''],
    ['registry approve', '--until', 'tomorrow'],
    ['registry approve', '--until', '2027-02-30'],
  ])('2: %s %s “%s”', async (named, flag, written) => {
    const [room, name = ''] = named.split(' ')
    const command = room === 'schema' ? schemaCommand() : registryCommand()
    for (const one of command.commands) one.exitOverride().configureOutput({ writeErr: () => undefined })
    // Of commander, for what `exit-code` makes 2.
    await expect(command.parseAsync([name, flag, written], { from: 'user' })).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    })
  })

  test('3: a registry that does not answer, for a check and for a gateway that has none kept', async () => {
    const away = { ASSENT_REGISTRY_URL: 'http://127.0.0.1:1' }
    const [checked, started] = await Promise.all([
      against('registry:prod', away),
      check(
        [
          'gateway',
          '--supergraph',
          'http://127.0.0.1:1/registry/v1/tags/prod/supergraph',
          '--profile',
          'development',
          '--port',
          '0',
        ],
        { ASSENT_SUPERGRAPH_SOURCE_START_MS: '0' },
      ),
    ])
    expect(checked).toMatchObject({ code: 3, err: expect.stringContaining('REGISTRY_UNAVAILABLE') })
    expect(started).toMatchObject({ code: 3, err: expect.stringContaining('SUPERGRAPH_UNAVAILABLE') })
  })

  test('and the help says the same of exits', async () => {
    const { code, out } = await check(['schema', 'check', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('registry:TAG is read from ASSENT_REGISTRY_URL')
    expect(out).toMatch(
      /Exits with 0 when nothing blocks, 1 when something does, 2 when [^]*, 3 when git cannot be run/,
    )
  })
})
