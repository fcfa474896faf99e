import { readYaml, type YamlSource } from '../../subgraphs/yaml-source.ts'
import { type ContractFile, type Contracts, shownFile } from './contracts.ts'
import type { Place } from './finding.ts'

/** Where things stand in a YAML file, however it is read. */
export interface YamlPlaces {
  readonly at: (path: readonly string[]) => Place
  readonly value: unknown
  /** Where it is no YAML; then there is no value. */
  readonly broken: readonly Place[]
}

export const yamlPlaces = (contracts: Contracts, { file, text }: ContractFile): YamlPlaces => {
  const source: YamlSource = readYaml(text)
  const shown = shownFile(contracts, file)
  const on = (line: number): Place => ({ file: shown, line, column: 1 })
  const broken = source.broken.slice(0, 1).map(({ line }) => on(line))
  return { at: (path) => on(source.lineOf(path)), value: source.value, broken }
}

/** A fault of a reader of YAML files, as a finding. */
export const faultTold = ({
  code,
  file,
  line,
  place,
  message,
  remedy,
}: {
  readonly code: string
  readonly file: string
  readonly line: number
  readonly place: string
  readonly message: string
  readonly remedy: string
}) => ({
  code,
  as: 'NOT_COMPOSED' as const,
  coordinate: `${file} ${place}`.trim(),
  source: { file, line, column: 1 },
  message,
  remedy,
})
