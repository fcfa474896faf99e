import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { goneFromTheFilesContract } from './gone-from-the-files.contract.ts'

let directory: string
let engine: Engine
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assent-gone-'))
  engine = await openPglite({ dataDir: directory })
  await migrate(engine, [eventsMigration])
})
afterAll(async () => {
  await engine.close()
  rmSync(directory, { recursive: true, force: true })
})

goneFromTheFilesContract('PGlite', () => ({ engine, directory }))
