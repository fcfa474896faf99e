import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { withdrawnInTimeContract } from './withdrawn-in-time.contract.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'assent-in-time-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

withdrawnInTimeContract('PGlite', () => ({ options: { dataDir }, files: join(dataDir, 'pglite') }))
