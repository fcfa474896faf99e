import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CheckFailure } from '../schema/check/check-failure.ts'
import { type ContractFile, type Contracts, contractsOf, isContractFile } from '../schema/check/contracts.ts'
import { filesInGit } from './files-in-git.ts'

/** Where published contracts come from. Rejects with `REGISTRY_UNAVAILABLE` when it cannot be asked. */
export interface PublishedContracts {
  contractsOf(tag: string): Promise<Contracts>
}

export interface ContractsAtOptions {
  /** The directory that `git:REF` is read of. */
  readonly directory: string
  readonly registry: PublishedContracts | null
}

/** What stands in `DIR`, `FILE`, `git:REF`, `git:REF:DIR` or `registry:TAG`. Throws `CheckFailure`; never empty. */
export const contractsAt = async (
  place: string,
  { directory, registry }: ContractsAtOptions,
): Promise<Contracts> => {
  if (place.startsWith('registry:')) {
    if (registry === null) throw new CheckFailure('REGISTRY_UNAVAILABLE', place)
    return registry.contractsOf(place.slice('registry:'.length))
  }
  const contracts = place.startsWith('git:') ? inGit(place, directory) : onDisk(place)
  if (isEmpty(contracts)) throw new CheckFailure('CHECK_PLACE_EMPTY', place)
  return contracts
}

const inGit = (place: string, directory: string): Contracts => {
  const [, ref = '', of = directory] = /^git:([^:]*)(?::(.+))?$/.exec(place) ?? []
  // What is gone from the working tree may be there at the revision.
  if (existsSync(of) ? !statSync(of).isDirectory() : /\.graphqls?$/.test(of)) {
    const files = filesInGit(ref, { directory: join(of, '..'), isWanted: (file) => file === basename(of) })
    if (files.length === 0) throw new CheckFailure('CHECK_REF_UNKNOWN', place)
    return contractsOf(files, `${ref}:`)
  }
  const files = filesInGit(ref, { directory: of, isWanted: isContractFile })
  return contractsOf(files, of === '.' ? `${ref}:` : `${ref}:${of.replace(/\/$/, '')}/`)
}

const onDisk = (place: string): Contracts => {
  if (!existsSync(place)) throw new CheckFailure('CHECK_PLACE_MISSING', place)
  if (statSync(place).isDirectory())
    return contractsOf(filesIn(place), place === '.' ? '' : `${place.replace(/\/$/, '')}/`)
  const file = basename(place)
  return contractsOf([{ file, text: textOf(place) }], place.slice(0, place.length - file.length))
}

/** Only the folders that are known: what else lies about is nobody’s agreement. */
const filesIn = (directory: string): ContractFile[] =>
  [
    '',
    'subgraphs',
    ...foldersOf(directory),
    ...foldersOf(join(directory, 'subgraphs')).map((one) => `subgraphs/${one}`),
  ]
    .flatMap((folder) => entriesOf(directory, folder))
    .filter((file, index, all) => isContractFile(file) && all.indexOf(file) === index)
    .map((file) => ({ file, text: textOf(join(directory, file)) }))

const foldersOf = (directory: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter(
          (entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'),
        )
        .map((entry) => entry.name)
    : []

const entriesOf = (directory: string, folder: string): string[] => {
  const at = join(directory, folder)
  if (!existsSync(at)) return []
  const isDeep = folder === 'clients' || folder === 'operations'
  return readdirSync(at, { withFileTypes: true, recursive: isDeep })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const below = isDeep ? entry.parentPath.slice(at.length + 1) : ''
      return [folder, below, entry.name].filter(Boolean).join('/')
    })
}

const textOf = (file: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (cause) {
    throw new CheckFailure('CHECK_INPUT_UNREADABLE', file, { cause })
  }
}

const isEmpty = ({ subgraphs, supergraph, events, features, clients, policies }: Contracts): boolean =>
  supergraph === null && [subgraphs, events, features, clients, policies].every((one) => one.length === 0)
