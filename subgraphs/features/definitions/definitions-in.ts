import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { standardVocabulary, type Vocabulary } from '../../../directives/vocabulary.ts'
import { CodedFailure } from '../../coded-failure.ts'
import type { FeatureDefinition } from './feature-definition.ts'
import { readDefinitions, type ReadDefinitions } from './read-definitions.ts'

/** The features of this repository. */
export const FEATURES_DIR = fileURLToPath(new URL('../../../features', import.meta.url))

/** What the files of a folder say. */
export function definitionsIn(dir: string, vocabulary: Vocabulary): ReadDefinitions {
  const files = readdirSync(dir)
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
  return readDefinitions(
    files.map((file) => ({ file: join(dir, file), text: readFileSync(join(dir, file), 'utf8') })),
    vocabulary,
  )
}

/** The same for who serves them: with a fault nothing is served. */
export function openDefinitions(
  dir: string = FEATURES_DIR,
  vocabulary: Vocabulary = standardVocabulary,
): readonly FeatureDefinition[] {
  const { definitions, faults } = definitionsIn(dir, vocabulary)
  if (definitions !== null) return definitions
  const told = faults.map(({ code, file, line, place }) => `${file}:${line} ${place} ${code}`)
  throw new CodedFailure('FEATURES_INVALID', told.join('; '))
}
