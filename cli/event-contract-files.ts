import { readFileSync, statSync } from 'node:fs'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { AssentError } from '../gateway/errors.ts'
import type { EventContract } from '../subgraphs/events/contracts/contract.ts'
import type { ContractFault } from '../subgraphs/events/contracts/contract-fault-catalogue.ts'
import { readContract } from '../subgraphs/events/contracts/read-contract.ts'
import { contractsIn } from '../subgraphs/open-contracts.ts'
import { CommandFailure } from './command-failure.ts'

export interface FoundContracts {
  readonly contracts: readonly EventContract[]
  readonly faults: readonly ContractFault[]
  /** A file of one contract, so that nothing is said of other types. */
  readonly isOne: boolean
}

/** The contracts of a directory, or of one file, whatever it is called. Throws `CONFIG_INVALID` for a place that is neither. */
export const contractsAt = (place: string, vocabulary: Vocabulary): FoundContracts => {
  if (isDirectory(place)) {
    const { contracts, faults } = contractsIn(place, vocabulary)
    return { contracts: contracts?.all.map(({ contract }) => contract) ?? [], faults, isOne: false }
  }
  const { contract, faults } = readContract({ file: place, text: readText(place) }, vocabulary)
  return { contracts: contract === null ? [] : [contract], faults, isOne: true }
}

/** The contracts of a place, all of them whole. Throws `CONFIG_INVALID` with every fault otherwise. */
export const wholeContractsAt = (place: string, vocabulary: Vocabulary): FoundContracts => {
  const found = contractsAt(place, vocabulary)
  const { faults } = found
  if (faults.length === 0) return found
  throw new AssentError('CONFIG_INVALID', 'event contracts', {
    faults: faults.map(({ code, file, line, place: where, message, remedy }) => ({
      name: `${code} ${where}`.trim(),
      place: `${file}:${line}`,
      problem: message,
      remedy,
    })),
  })
}

/** The same for who asks what stands there: that there are none is no answer. `flag`: by which the place was named. */
export const someContractsAt = (place: string, flag: string, vocabulary: Vocabulary): FoundContracts => {
  const found = wholeContractsAt(place, vocabulary)
  if (found.contracts.length === 0) throw new CommandFailure('EVENT_CONTRACTS_NONE', `${flag} ${place}`)
  return found
}

const isDirectory = (place: string): boolean => {
  try {
    return statSync(place).isDirectory()
  } catch (cause) {
    throw unreadable(place, cause)
  }
}

/** The text of a file. Throws `CONFIG_INVALID` for what is none, or not UTF-8. */
export const readText = (file: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

const unreadable = (place: string, cause: unknown): AssentError => {
  const fault = {
    name: place,
    place: 'event contracts',
    problem: 'cannot be read.',
    remedy: 'Name a directory of contracts, or a YAML file in UTF-8.',
  }
  return new AssentError('CONFIG_INVALID', 'event contracts', { cause, faults: [fault] })
}
