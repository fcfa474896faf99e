import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

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
