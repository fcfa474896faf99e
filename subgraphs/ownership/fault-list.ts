import { type Path, readYaml } from '../yaml-source.ts'
import {
  OWNERSHIP_FAULTS,
  type OwnershipFault,
  type OwnershipFaultCode,
} from './ownership-fault-catalogue.ts'

export interface OwnershipText {
  readonly file: string
  readonly text: string
}

/** Takes down what is wrong, and goes on. */
export type TellFault = (code: OwnershipFaultCode, path: Path, remedy: string) => void

export interface ReadText {
  readonly value: unknown
  readonly tell: TellFault
  /** In the order of their lines. */
  readonly faults: () => readonly OwnershipFault[]
}

/** A YAML file as plain values, and a list of what is wrong with it. */
export function readText({ file, text }: OwnershipText): ReadText {
  const source = readYaml(text)
  const faults: OwnershipFault[] = source.broken.map(({ line, what }) => ({
    code: 'OWNERSHIP_UNREADABLE',
    file,
    line,
    place: what,
    message: OWNERSHIP_FAULTS.OWNERSHIP_UNREADABLE.sentence,
    remedy: 'Correct the line; a name stands once, and aliases, tags and merges are not read.',
  }))
  const tell: TellFault = (code, path, remedy) => {
    const { sentence: message } = OWNERSHIP_FAULTS[code]
    faults.push({ code, file, line: source.lineOf(path), place: path.join('.'), message, remedy })
  }
  return { value: source.value, tell, faults: () => faults.toSorted((a, b) => a.line - b.line) }
}

/** A mapping with names for keys; anything else is told, and read as an empty one. */
export function readMap(value: unknown, path: Path, tell: TellFault): ReadonlyMap<string, unknown> {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [String(key), item]))
  tell('OWNERSHIP_VALUE_INVALID', path, 'Write `name: value`, one a line.')
  return new Map()
}

export function refuseUnknown(
  entries: ReadonlyMap<string, unknown>,
  known: readonly string[],
  { path, tell }: { path: Path; tell: TellFault },
): void {
  for (const key of entries.keys())
    if (!known.includes(key))
      tell('OWNERSHIP_SETTING_UNKNOWN', [...path, key], `Take it out; known here are ${known.join(', ')}.`)
}
