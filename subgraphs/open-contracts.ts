import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { CodedFailure } from './coded-failure.ts'
import { type Contracts, createContracts, type ReadContracts } from './events/contracts/contracts.ts'

/** The contracts of a directory. Throws `EVENT_CONTRACTS_INVALID` that tells every fault of them. */
export function openContracts(directory: string, vocabulary: Vocabulary): Contracts {
  const { contracts, faults } = contractsIn(directory, vocabulary)
  if (contracts !== null) return contracts
  const told = faults.map(({ file, line, place, code, message, remedy }) =>
    [`${file}:${line}`, place, code, `${message} ${remedy}`].filter(Boolean).join('  '),
  )
  throw new CodedFailure('EVENT_CONTRACTS_INVALID', `\n${told.join('\n')}\n`)
}

/** The contracts of a directory, or their faults. Throws `EVENT_CONTRACTS_INVALID` when it cannot be read. */
export function contractsIn(directory: string, vocabulary: Vocabulary): ReadContracts {
  return createContracts(readTexts(directory), vocabulary)
}

/** UTF-8, and nothing that only looks like it. */
const decoder = new TextDecoder('utf-8', { fatal: true })

function readTexts(directory: string): { file: string; text: string }[] {
  try {
    return readdirSync(directory)
      .filter((entry) => /\.ya?ml$/.test(entry))
      .toSorted()
      .map((entry) => join(directory, entry))
      .map((file) => ({ file, text: decoder.decode(readFileSync(file)) }))
  } catch {
    throw new CodedFailure('EVENT_CONTRACTS_INVALID', directory)
  }
}
