import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { journalFiles, type Progress } from '../../subgraphs/consent/import/journal.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { csv, importDirectory, outcomesOf, written } from '../support/import-files.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'

const ROWS = 3_000

/** Two thirds first words, then withdrawals, some rows that are refused, some that come twice. */
const rowAt = (index: number): string => {
  if (index % 97 === 0) return `p${index},stalking,given,2026-01-01`
  if (index % 89 === 0) return `p${index - 1},analytics,given,2026-01-01`
  return index < (ROWS * 2) / 3
    ? `p${index},analytics,given,2026-01-01`
    : `p${index - (ROWS * 2) / 3},analytics,withdrawn,2026-02-01`
}

describe.skipIf(POSTGRES_URL === '')('An import into PostgreSQL', () => {
  const engine = ownPostgres('consent_import', consentMigration)
  const directory = importDirectory()
  const content = csv('subject,scope,status,at', ...Array.from({ length: ROWS }, (_, index) => rowAt(index)))

  const start = (file: string): ChildProcess =>
    spawn(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', 'consent', 'import', file, '--batch', '20', '--data', directory],
      {
        env: {
          PATH: process.env['PATH'],
          ASSENT_STORES_POSTGRES_URL: Object.assign(new URL(POSTGRES_URL), {
            pathname: `/consent_import_${process.pid}`,
          }).href,
        },
        stdio: 'ignore',
      },
    )

  const progressOf = (file: string): Progress | null => {
    const { position } = journalFiles(file)
    return existsSync(position) ? (JSON.parse(readFileSync(position, 'utf8')) as Progress) : null
  }

  const empty = () =>
    sql`truncate consent.person, consent.receipt, consent.head, consent.change, consent.link_log, consent.link,
      consent.linked`.execute(engine().admin)

  /** What is in the tables, without the ids that every run makes anew. */
  const state = async (): Promise<unknown> => {
    const { rows: heads } = await sql`
      select subject, scope, status, at, version from consent.head order by subject, scope`.execute(
      engine().admin,
    )
    const { rows: changes } = await sql`
      select revision, subject, statement, status from consent.change order by revision`.execute(
      engine().admin,
    )
    const { rows: chains } = await sql`
      select count(*)::int as receipts, count(distinct chain)::int as chains, max(position) as longest
      from consent.receipt`.execute(engine().admin)
    return { heads, changes, chains }
  }

  test('ends as if nothing had happened, however often it is killed', async () => {
    await empty()
    const whole = written(directory, 'whole.csv', content)
    expect(await once(start(whole), 'exit')).toEqual([1, null])
    const [expected, outcomes] = [await state(), outcomesOf(whole)]
    expect(outcomes).toHaveLength(ROWS)

    await empty()
    const killed = written(directory, 'killed.csv', content)
    // At other moments of a batch each time: between its write, its outcomes and its position.
    for (const [rows, laterMs] of [
      [0, 0],
      [200, 3],
      [800, 7],
      [1_500, 11],
      [2_400, 1],
    ] as const) {
      const child = start(killed)
      const ended = once(child, 'exit')
      while ((progressOf(killed)?.rows ?? -1) < rows && child.exitCode === null) await pause(1)
      await pause(laterMs)
      child.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
      expect(progressOf(killed)?.rows).toBeLessThan(ROWS)
    }
    expect(await once(start(killed), 'exit')).toEqual([1, null])
    expect(outcomesOf(killed)).toEqual(outcomes)
    expect(await state()).toEqual(expected)
  })
})
