import { readFileSync } from 'node:fs'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { AssentError } from '../gateway/errors.ts'
import type { PolicyBundle } from '../subgraphs/consent/policy/bundle.ts'
import { readBundle, type ReadBundle } from '../subgraphs/consent/policy/read-bundle.ts'

/** The bundle of a file. Throws `CONFIG_INVALID` with every fault of it. */
export const policyFromFile = (file: string, vocabulary: Vocabulary): PolicyBundle => {
  const { bundle, faults } = policyInFile(file, vocabulary)
  if (bundle !== null) return bundle
  throw new AssentError('CONFIG_INVALID', 'policy bundle', {
    faults: faults.map(({ code, line, place, message, remedy }) => ({
      name: `${code} ${place}`.trim(),
      place: `${file}:${line}`,
      problem: message,
      remedy,
    })),
  })
}

/** The bundle of a file, or its faults. */
export const policyInFile = (file: string, vocabulary: Vocabulary): ReadBundle => {
  try {
    return readBundle({ file, text: readFileSync(file, 'utf8') }, vocabulary)
  } catch (cause) {
    const fault = {
      name: file,
      place: 'policy bundle',
      problem: 'cannot be read.',
      remedy: 'Name a file that can be.',
    }
    throw new AssentError('CONFIG_INVALID', 'policy bundle', { cause, faults: [fault] })
  }
}
