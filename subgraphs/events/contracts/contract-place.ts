import type { ContractFaultCode } from './contract-fault-catalogue.ts'

export type Path = readonly string[]

/** Takes down what is wrong, and goes on. */
export type TellFault = (code: ContractFaultCode, path: Path, remedy: string) => void

/** A mapping of a contract, where it stands, and who is told what is wrong with it. */
export interface ContractPlace {
  readonly entries: ReadonlyMap<string, unknown>
  readonly path: Path
  readonly tell: TellFault
}

/** The mapping at a path. Another thing is told and read as an empty one; so is what is not known there; null: another tells that. */
export function placeAt(
  value: unknown,
  path: Path,
  tell: TellFault,
  known: readonly string[] | null,
): ContractPlace {
  const isMapping = value instanceof Map
  if (!isMapping && value !== undefined)
    tell('EVENT_CONTRACT_VALUE_INVALID', path, 'Write `name: value`, one a line.')
  const entries = new Map(isMapping ? [...value].map(([key, item]) => [String(key), item] as const) : [])
  for (const key of entries.keys())
    if (known !== null && !known.includes(key))
      tell(
        'EVENT_CONTRACT_SETTING_UNKNOWN',
        [...path, key.slice(0, 64)],
        `Take it out; known here are ${known.join(', ')}.`,
      )
  return { entries, path, tell }
}

/** What reads a value and says of what shape it has to be. Undefined for what does not fit. */
export interface Shape<T> {
  readonly sentence: string
  read(value: unknown): T | undefined
}

/** An element that has to be there: missing and misshapen are told apart. Undefined when it is either. */
export function elementOf<T>(
  { entries, path, tell }: ContractPlace,
  name: string,
  shape: Shape<T>,
): T | undefined {
  const value = entries.get(name)
  const place = [...path, name]
  if (value === undefined || value === null) {
    tell('EVENT_CONTRACT_ELEMENT_MISSING', place, `Write \`${name}:\` with ${shape.sentence}.`)
    return undefined
  }
  const read = shape.read(value)
  if (read === undefined) tell('EVENT_CONTRACT_VALUE_INVALID', place, `Write ${shape.sentence}.`)
  return read
}

/** An element that may be left out or be null. */
export function optionalOf<T>(place: ContractPlace, name: string, shape: Shape<T>): T | null {
  const value = place.entries.get(name)
  return value === undefined || value === null ? null : (elementOf(place, name, shape) ?? null)
}
