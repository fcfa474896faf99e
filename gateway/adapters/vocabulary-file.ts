import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readVocabulary, VocabularyError } from '../../directives/read-vocabulary.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { AssentError } from '../errors.ts'

/** The vocabulary of a YAML file, or the standard one. Throws `CONFIG_INVALID` with every fault of the file. */
export const vocabularyFromFile = (file: string | null): Vocabulary => {
  if (file === null) return standardVocabulary
  try {
    return readVocabulary(parse(readFileSync(file, 'utf8'), { schema: 'core', maxAliasCount: 0 }))
  } catch (cause) {
    const problems = cause instanceof VocabularyError ? cause.faults : ['cannot be read']
    const remedy = 'See docs/vocabulary.md.'
    const faults = problems.map((problem) => ({
      name: 'vocabulary',
      place: file,
      problem: `${problem}.`,
      remedy,
    }))
    throw new AssentError('CONFIG_INVALID', 'setting vocabulary', { cause, faults })
  }
}
