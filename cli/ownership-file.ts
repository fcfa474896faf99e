import { readFileSync } from 'node:fs'
import type { Vocabulary } from '../directives/vocabulary.ts'
import type { Config } from '../gateway/config.ts'
import { AssentError } from '../gateway/errors.ts'
import type { OwnershipOptions } from '../subgraphs/open-ownership.ts'
import type { OwnershipFault } from '../subgraphs/ownership/ownership-fault-catalogue.ts'
import { type ReadRegistry, readRegistry } from '../subgraphs/ownership/read-registry.ts'
import { operatorTokenOf } from './consent-service.ts'
import { packageFile } from './package-file.ts'

/** The registry that is in force, or its faults. */
export const registryInFile = (file: string, vocabulary: Vocabulary): ReadRegistry =>
  readRegistry({ file, text: readOwnershipFile(file) }, vocabulary)

export const fieldsFileOf = ({ ownershipFields }: Pick<Config, 'ownershipFields'>): string =>
  ownershipFields ?? packageFile('ownership/fields.yaml')

/** Throws `CONFIG_INVALID` with every fault of the registry, and with each token of a system it does not know. */
export const ownershipOf = (config: Config, vocabulary: Vocabulary): OwnershipOptions => {
  const file = fieldsFileOf(config)
  const { registry, faults } = registryInFile(file, vocabulary)
  if (registry === null) throw invalid(faults.map(told))
  const unknown = [...config.ownershipTokens.keys()].filter((system) => !registry.systems.has(system))
  if (unknown.length > 0)
    throw invalid(
      unknown.map((system) => ({
        name: `ownership.tokens.${system}`,
        place: file,
        problem: 'is a token of a system that the registry does not know.',
        remedy: `Name one of ${[...registry.systems.keys()].join(', ')}.`,
      })),
    )
  return { registry, systemTokens: config.ownershipTokens, operatorToken: operatorTokenOf(config) }
}

export const readOwnershipFile = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const remedy = 'Name a file that can be.'
    const fault = { name: file, place: 'ownership', problem: 'cannot be read.', remedy }
    throw new AssentError('CONFIG_INVALID', 'ownership', { cause, faults: [fault] })
  }
}

const told = ({ code, file, line, place, message, remedy }: OwnershipFault) => ({
  name: `${code} ${place}`.trim(),
  place: `${file}:${line}`,
  problem: message,
  remedy,
})

const invalid = (
  faults: readonly { name: string; place: string; problem: string; remedy: string }[],
): AssentError => new AssentError('CONFIG_INVALID', 'ownership', { faults })
