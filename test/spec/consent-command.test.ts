import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toConsentRecord } from '../../subgraphs/consent/receipts/consent-record.ts'
import { openPglite } from '../../subgraphs/database.ts'
import { openConsent } from '../../subgraphs/open-consent.ts'
import { firstReceipt, fullReceipt, NOON, successor } from '../support/receipts.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const assent = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', 'consent', ...args, '--data', data],
      { env: { PATH: process.env['PATH'] } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

let data: string
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'assent-consent-'))
  const { store, close } = await openConsent({ dataDir: data })
  const ada = firstReceipt('ada')
  await store.append([ada, fullReceipt('bo'), successor(ada, 'withdrawn')])
  await store.append([firstReceipt('dee')])
  await store.mark('dee', 'erased', NOON)
  await close()
})
afterAll(() => rmSync(data, { recursive: true, force: true }))

describe('assent consent', () => {
  it('keeps its keys where nobody else can read them', () => {
    for (const name of ['receipt-master.key', 'receipt-signing.key'])
      expect(statSync(join(data, name)).mode & 0o777).toBe(0o600)
  })

  it('takes a person’s receipts out as records, and again in', async () => {
    const { out, code } = await assent('export', 'bo')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(toConsentRecord(fullReceipt('bo')))
    const file = join(data, 'bo.ndjson')
    writeFileSync(file, out)
    expect(await assent('import-records', file)).toMatchObject({
      code: 0,
      out: '0 imported, 1 there already, 0 refused\n',
    })
  })

  it('erases, and what was said is nowhere afterwards', async () => {
    expect(await assent('erase', 'bo', '--yes')).toMatchObject({ code: 0 })
    const { store, close } = await openConsent({ dataDir: data })
    expect(await store.history('bo')).toEqual([])
    expect((await store.records(['bo'])).get('bo')).toMatchObject({ blocked: 'erased', latest: [] })
    await close()
    // Their receipts are under a key that is no more; in clear nothing of them is left in any file of the tables.
    const { consentId } = fullReceipt('bo')
    for (const file of readdirSync(join(data, 'pglite', 'base'), { recursive: true, withFileTypes: true }))
      if (file.isFile())
        expect(readFileSync(join(file.parentPath, file.name)).includes(consentId), file.name).toBe(false)
  })

  it('of whom nobody has ever heard erases and verifies nobody: a pid that was mistyped is told', async () => {
    for (const args of [
      ['erase', 'adda', '--yes'],
      ['erase', 'a b', '--yes', '--unknown'],
      ['erase', '', '--yes'],
      ['verify', 'adda'],
    ]) {
      const { code, out, err } = await assent(...args)
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain(`Nobody is known under the pid ${JSON.stringify(args[1])}`)
    }
    const { store, close } = await openConsent({ dataDir: data })
    expect(await store.revision()).toBe('6')
    await close()
  })

  it('verifies, and exits with 1 when a byte was changed, naming the write', async () => {
    expect(await assent('verify')).toMatchObject({
      code: 0,
      out: '4 receipts of 3 people (2 erased), revision 6: nothing damaged\n',
      err: '',
    })
    // A store that was set back as a whole fits together, and knows less than it once did.
    const setBack = await assent('verify', '--newest', '7')
    expect(setBack).toMatchObject({ code: 1, err: expect.stringContaining('MISSING_REVISION  revision 7') })
    expect(await assent('verify', '--newest', '6')).toMatchObject({ code: 0 })
    const engine = await openPglite({ dataDir: join(data, 'pglite') })
    await sql`update consent.receipt set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where revision = 3`.execute(
      engine.admin,
    )
    await engine.close()
    const { code, err } = await assent('verify', 'ada')
    expect(code).toBe(1)
    expect(err).toContain('ALTERED  revision 3')
  })

  it('makes no stores where there are none', async () => {
    const missing = data
    data = join(data, 'nowhere')
    expect(await assent('verify')).toMatchObject({ code: 2, err: expect.stringContaining('no stores') })
    data = missing
  })
})
