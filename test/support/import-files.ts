import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import type { ImportOptions } from '../../subgraphs/consent/import/import-consents.ts'
import { journalFiles } from '../../subgraphs/consent/import/journal.ts'
import { OWN_NAMES } from '../../subgraphs/consent/import/mapping.ts'
import type { Outcome } from '../../subgraphs/consent/import/plan-batch.ts'
import { isPlace } from '../../subgraphs/consent/policy/places.ts'

/** A directory that is gone when the process ends. */
export const importDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-import-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export const IMPORT_NOW = Date.parse('2026-05-01T12:00:00Z')

export const importOptions = (more: Partial<ImportOptions> = {}): ImportOptions => ({
  format: 'csv',
  mapping: OWN_NAMES,
  words: {
    vocabulary: standardVocabulary,
    isRegion: isPlace,
    isBrand: (brand) => brand === 'north',
    isClient: (client) => client === 'storefront',
  },
  clock: () => IMPORT_NOW,
  ...more,
})

export const csv = (...rows: readonly string[]): string => `${rows.join('\n')}\n`

export const written = (directory: string, name: string, content: string | Buffer): string => {
  const file = join(directory, name)
  writeFileSync(file, content)
  return file
}

export const outcomesOf = (file: string): readonly Outcome[] =>
  readFileSync(journalFiles(file).outcome, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome)
