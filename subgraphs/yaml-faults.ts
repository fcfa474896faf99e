import { type Path, readYaml } from './yaml-source.ts'

/** What is wrong with a file, where, and what to do about it. */
export interface YamlFault<Code extends string> {
  readonly code: Code
  readonly file: string
  /** Line in the file, from 1. */
  readonly line: number
  /** The way to it: `regions.DE.scopes.analytics.model`. */
  readonly place: string
  readonly message: string
  /** What to write instead. */
  readonly remedy: string
}

/** Takes down what is wrong, and goes on. */
export type TellFault<Code extends string> = (code: Code, path: Path, remedy: string) => void

export interface YamlText {
  readonly file: string
  readonly text: string
}

export interface ReadYamlText<Code extends string> {
  /** Undefined for what cannot be read; then there are faults already. */
  readonly value: unknown
  readonly tell: TellFault<Code>
  /** In the order of their lines. */
  readonly faults: () => readonly YamlFault<Code>[]
}

type Catalogue<Code extends string> = Readonly<Record<Code, { readonly sentence: string }>>

/** A YAML file as plain values, and a list of what is wrong with it in the words of a catalogue. */
export function readYamlText<Code extends string>(
  { file, text }: YamlText,
  catalogue: Catalogue<Code>,
  unreadable: NoInfer<Code>,
): ReadYamlText<Code> {
  const source = readYaml(text)
  const faultOf = (code: Code, line: number, place: string, remedy: string): YamlFault<Code> => ({
    code,
    file,
    line,
    place,
    message: catalogue[code].sentence,
    remedy,
  })
  const faults = source.broken.map(({ line, what }) =>
    faultOf(unreadable, line, what, 'Correct the line; aliases, tags and merges are not read.'),
  )
  return {
    value: source.value,
    tell: (code, path, remedy) =>
      void faults.push(faultOf(code, source.lineOf(path), path.join('.'), remedy)),
    faults: () => faults.toSorted((a, b) => a.line - b.line),
  }
}

/** A mapping with names for keys; anything else is told, and read as an empty one. */
export function namesIn<Code extends string>(
  value: unknown,
  { path, tell, code }: { readonly path: Path; readonly tell: TellFault<Code>; readonly code: Code },
): ReadonlyMap<string, unknown> {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [String(key), item]))
  tell(code, path, 'Write `name: value`, one a line.')
  return new Map()
}

/** A name that means nothing is a fault: misspelt, it would say nothing. */
export function refuseOthers<Code extends string>(
  entries: ReadonlyMap<string, unknown>,
  known: readonly string[],
  { path, tell, code }: { readonly path: Path; readonly tell: TellFault<Code>; readonly code: Code },
): void {
  for (const key of entries.keys())
    if (!known.includes(key)) tell(code, [...path, key], `Take it out; known here are ${known.join(', ')}.`)
}
