import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ContractChange } from '../../subgraphs/events/contracts/contract-change.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const events = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', 'events', ...args],
      { env: { PATH: process.env['PATH'] } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

const directory = mkdtempSync(join(tmpdir(), 'assent-events-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** A copy of the shop’s contracts in which one of them is changed. */
const changed = (name: string, type: string, change: (text: string) => string): string => {
  const place = join(directory, name)
  cpSync('events', place, { recursive: true })
  const file = join(place, `${type}.yaml`)
  const text = readFileSync(file, 'utf8')
  expect(change(text)).not.toBe(text)
  writeFileSync(file, change(text))
  return place
}

const broken = changed('broken', 'session', (text) =>
  text.replace('retention: P13M\n', '').replace('analytics\n', 'all\n'),
)
const narrowed = changed('narrowed', 'session', (text) => text.replace('maximum: 86400', 'maximum: 3600'))
const weakened = changed('weakened', 'session', (text) => text.replace('P13M', 'P2Y'))
const widened = changed('widened', 'session', (text) => text.replace('maximum: 86400', 'maximum: 90000'))

describe('assent events check', () => {
  test('says nothing of contracts that are whole', async () => {
    expect(await events('check')).toEqual({ code: 0, out: '6 contracts, no fault\n', err: '' })
  })

  test('prints every fault with its line and a remedy, and fails', async () => {
    const { code, out } = await events('check', '--head', broken)
    expect(code).toBe(1)
    expect(out).toContain('session.yaml:1  retention  EVENT_CONTRACT_ELEMENT_MISSING')
    expect(out).toContain('EVENT_CONTRACT_WORD_UNKNOWN')
    expect(out).toMatch(/→ Write `retention:` with an ISO 8601 duration/)
    expect(out).toMatch(/2 faults\n$/)
  })

  test('names what a change breaks, and for whom, and fails', async () => {
    const { code, out } = await events('check', '--base', 'events', '--head', narrowed)
    expect(code).toBe(1)
    expect(out).toMatch(/^breaking {2}session@1 {2}fields\.properties\.seconds\.maximum {2}FIELD_NARROWED\n/)
    expect(out).toContain('86400 → 3600')
    expect(out).toContain('for features, recommendations')
    expect(out).toMatch(/1 breaking, 0 weakening privacy, 0 safe\n$/)
  })

  test('fails where privacy is weakened, too, and as JSON says the same', async () => {
    const { code, out } = await events('check', '--base', 'events', '--head', weakened, '--json')
    expect(code).toBe(1)
    const { changes } = JSON.parse(out) as { changes: ContractChange[] }
    expect(changes).toMatchObject([
      { severity: 'weakens_privacy', code: 'RETENTION_LENGTHENED', before: 'P13M', after: 'P2Y' },
    ])
  })

  test('passes what is safe', async () => {
    const { code, out } = await events('check', '--base', 'events', '--head', widened)
    expect(code).toBe(0)
    expect(out).toContain('safe  session@1')
  })

  test('compares one file with the version it stands for, and says nothing of the others', async () => {
    const { code, out } = await events('check', '--base', 'events/session.yaml', '--head', narrowed)
    expect(code).toBe(1)
    expect(out).toMatch(/1 breaking, 0 weakening privacy, 0 safe\n$/)
    expect((await events('check', '--base', 'events', '--head', join(widened, 'session.yaml'))).code).toBe(0)
  })

  test.each([
    [['check', '--base', 'nowhere']],
    [['check', '--head', 'nowhere']],
    [['check', '--base', 'package.json']],
    [['check', '--today', 'soon']],
    [['check', '--all']],
    [['show', 'nobody']],
    [['list', '--directory', broken]],
  ])('is told by 2 what is wrong with: %j', async (args) => {
    const { code, out, err } = await events(...args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).not.toMatch(/ at .*\.ts:\d/)
  })
})

describe('assent events list, show', () => {
  test('list the types with what matters of each', async () => {
    const { code, out } = await events('list')
    expect(code).toBe(0)
    expect(out).toMatch(/^purchase +1 +team-shop +contract +- +P10Y/m)
  })

  test('show one of them, as text and as JSON', async () => {
    expect((await events('show', 'page_view')).out).toMatch(/^page_view@1\n[\s\S]*data\.sku +string +always/)
    expect(JSON.parse((await events('show', 'page_view@1', '--json')).out)).toMatchObject({
      type: 'page_view',
      version: 1,
    })
  })
})

describe('assent events export, import', () => {
  test('what is exported as ODCS is imported as the contract it was', async () => {
    const file = join(directory, 'purchase.odcs.yaml')
    const exported = await events('export', '--format', 'odcs', 'purchase')
    expect(exported).toMatchObject({ code: 0, err: '' })
    expect(exported.out).toMatch(/^apiVersion: v3\.1\.0\nkind: DataContract\n/)
    writeFileSync(file, exported.out)
    const imported = await events('import', file)
    expect(imported).toMatchObject({ code: 0, err: '' })
    expect(imported.out).toMatch(/^type: purchase\nversion: 1\n/)
  })

  test('what is missing in a document of somebody else is told, and what is there is printed', async () => {
    const file = join(directory, 'foreign.odcs.yaml')
    writeFileSync(file, 'kind: DataContract\nschema: [{ name: session, logicalType: object }]\n')
    const { code, out, err } = await events('import', file)
    expect(code).toBe(1)
    expect(out).toMatch(/^type: session\n/)
    expect(err).toContain('retention  EVENT_CONTRACT_ELEMENT_MISSING')
  })

  test('JSON Schema is a document of its own', async () => {
    const { out } = await events('export', '--format', 'json-schema', 'page_view')
    expect(JSON.parse(out)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['sku'],
      additionalProperties: false,
    })
  })

  test('of all types it is a list', async () => {
    const all = JSON.parse((await events('export', '--format', 'json-schema')).out) as object[]
    expect(all).toHaveLength(6)
  })

  test.each([
    [['export']],
    [['export', '--format', 'avro']],
    [['export', '--format', 'odcs', 'nobody']],
    [['import', 'nowhere']],
  ])('is told by 2 what is wrong with: %j', async (args) => {
    expect((await events(...args)).code).toBe(2)
  })
})
