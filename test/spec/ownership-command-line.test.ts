import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Run {
  readonly code: number
  readonly out: string
  readonly errors: string
}

const assent = (...words: string[]): Promise<Run> =>
  new Promise((done) => {
    const command = ['--import', 'tsx', join(root, 'cli/assent.ts'), 'ownership', ...words]
    execFile(process.execPath, command, { cwd: root }, (error, out, errors) =>
      done({ code: error === null ? 0 : Number(error.code), out, errors }),
    )
  })

describe('assent ownership', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'assent-ownership-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }

  test('check finds this repository’s own in order', async () => {
    expect(await assent('check')).toEqual({
      code: 0,
      out: 'profile@1.0.0: 24 attributes, 4 of them by precedence; 2 projections\n',
      errors: '',
    })
  }, 20_000)

  test('check tells where a projection carries behaviour into the CRM', async () => {
    const card = file('card.yaml', 'to: crm\nattributes:\n  - account.tier\n  - events.last_at\n')
    const { code, errors } = await assent('check', card)
    expect(code).toBe(1)
    expect(errors).toMatch(/card\.yaml:4 {2}OWNERSHIP_EVENT_IN_CRM {2}attributes\.1\n/)
  }, 20_000)

  test('check tells where a registry leaves open who decides', async () => {
    const own = readFileSync(join(root, 'ownership/fields.yaml'), 'utf8')
    const fields = file('fields.yaml', own.replace('    owner: crm\n', ''))
    const { code, errors } = await assent('check', '--fields', fields)
    expect(code).toBe(1)
    expect(errors).toMatch(/fields\.yaml:\d+ {2}OWNERSHIP_NOBODY {2}attributes\.account\.id\n/)
  }, 20_000)

  test('show says that nothing runs there', async () => {
    const { code, errors } = await assent('show', 'p1_ada', 'shared.email', '--data', directory)
    expect([code, errors.split(':')[0]]).toEqual([3, 'SUBGRAPH_UNREACHABLE'])
  }, 20_000)
})
