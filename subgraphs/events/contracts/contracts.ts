import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { type CheckData, compileCheck } from './check-data.ts'
import type { EventContract } from './contract.ts'
import { CONTRACT_FAULTS, type ContractFault, type ContractFaultCode } from './contract-fault-catalogue.ts'
import { type ContractText, readContract } from './read-contract.ts'

/** The contracts in force, as they were read: nothing is added to them later. */
export interface Contracts {
  /** By type, then by version. */
  readonly all: readonly CheckedContract[]
  /** Null for a type or version nobody agreed on. */
  contractOf(type: string, version: number): CheckedContract | null
  /** The newest first. */
  versionsOf(type: string): readonly CheckedContract[]
}

export interface CheckedContract {
  readonly contract: EventContract
  /** What does not fit of an event’s `data`. */
  readonly check: CheckData
  /** `now` in milliseconds since the epoch. */
  stateAt(now: number): VersionState
}

/** A deprecated version is taken, counted and warned of; a retired one is refused. */
export type VersionState = 'current' | 'deprecated' | 'retired'

export type ReadContracts =
  | { readonly contracts: Contracts; readonly faults: readonly [] }
  | { readonly contracts: null; readonly faults: readonly ContractFault[] }

/** Reads all contracts of a house, or tells every fault of them. */
export function createContracts(sources: readonly ContractText[], vocabulary: Vocabulary): ReadContracts {
  const faults: ContractFault[] = []
  const read: Sourced[] = []
  for (const source of sources) {
    const one = readContract(source, vocabulary)
    faults.push(...one.faults)
    if (one.contract !== null) read.push({ file: source.file, contract: one.contract })
  }
  faults.push(...togetherFaults(read))
  if (faults.length > 0) return { contracts: null, faults }
  return { contracts: contractsOf(read.map(({ contract }) => contract)), faults: [] }
}

interface Sourced {
  readonly file: string
  readonly contract: EventContract
}

function contractsOf(contracts: readonly EventContract[]): Contracts {
  const checked = contracts
    .toSorted((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : a.version - b.version))
    .map((contract): CheckedContract => {
      const { until, announced } = contract.deprecation
      const end = until === null ? Infinity : Date.parse(until)
      const start = announced === null ? Infinity : Date.parse(announced)
      return Object.freeze({
        contract,
        check: compileCheck(contract),
        stateAt: (now: number) =>
          now < start && now < end ? 'current' : now < end ? 'deprecated' : 'retired',
      })
    })
  const byName = new Map(checked.map((one) => [`${one.contract.type}@${one.contract.version}`, one]))
  const byType = new Map<string, readonly CheckedContract[]>()
  for (const one of checked) byType.set(one.contract.type, [one, ...(byType.get(one.contract.type) ?? [])])
  return Object.freeze({
    all: Object.freeze(checked),
    contractOf: (type: string, version: number) => byName.get(`${type}@${version}`) ?? null,
    versionsOf: (type: string) => byType.get(type) ?? [],
  })
}

/** What no contract shows alone. */
function togetherFaults(read: readonly Sourced[]): readonly ContractFault[] {
  const named = new Map<string, Sourced>()
  const faults: ContractFault[] = []
  for (const one of read) {
    const name = `${one.contract.type}@${one.contract.version}`
    if (named.has(name))
      faults.push(
        faultOf(
          one,
          'EVENT_CONTRACT_VERSION_TWICE',
          'version',
          'Write the next version, or remove one file.',
        ),
      )
    else named.set(name, one)
    faults.push(...placedFaults(one, read))
  }
  return faults
}

/** What is wrong with a contract among the others. */
function placedFaults(one: Sourced, read: readonly Sourced[]): readonly ContractFault[] {
  const { type, version, deprecation } = one.contract
  const versions = read
    .filter(({ contract }) => contract.type === type)
    .map(({ contract }) => contract.version)
  const newest = Math.max(...versions)
  const names = version === newest ? [type, `${type}@${version}`] : [`${type}@${version}`]
  const faults: ContractFault[] = []
  if (!names.includes(fileNameOf(one.file)))
    faults.push(faultOf(one, 'EVENT_CONTRACT_FILE_MISNAMED', 'type', `Name the file ${names[0]}.yaml.`))
  if (version < newest && deprecation.until === null)
    faults.push(
      faultOf(
        one,
        'EVENT_CONTRACT_VERSION_OPEN',
        'deprecation',
        `Write announced, until and \`successor: ${newest}\`.`,
      ),
    )
  if (deprecation.successor !== null && !versions.includes(deprecation.successor))
    faults.push(
      faultOf(
        one,
        'EVENT_CONTRACT_SUCCESSOR_UNKNOWN',
        'deprecation.successor',
        'Name a version that has a contract.',
      ),
    )
  return faults
}

const faultOf = (
  { file }: Sourced,
  code: ContractFaultCode,
  place: string,
  remedy: string,
): ContractFault => ({
  code,
  file,
  line: 1,
  place,
  message: CONTRACT_FAULTS[code].sentence,
  remedy,
})

const fileNameOf = (file: string): string => (file.split(/[\\/]/).at(-1) ?? '').replace(/\.ya?ml$/, '')
