import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'

export type Path = readonly string[]

/** A YAML file as plain values, with the line each of them stands on. Mappings are `Map`s. */
export interface YamlSource {
  readonly value: unknown
  /** Lines with what cannot be read, from 1; where there is one, `value` is undefined. */
  readonly broken: readonly { readonly line: number; readonly what: string }[]
  /** The line of a place, or of the nearest place around it. */
  lineOf(path: Path): number
}

/** The file is data: no tags, no merges, no aliases. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter()
  const document = parsed(text, lines)
  // Nested deeper than it can be read.
  if (document === null) return { value: undefined, broken: [{ line: 1, what: 'TOO_DEEP' }], lineOf: () => 1 }
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const broken = [...document.errors, ...document.warnings].map(({ pos, code }) => ({
    line: lineAt(pos[0]),
    what: code,
  }))
  const value = broken.length === 0 ? plain(document, broken) : undefined
  return {
    value: broken.length === 0 ? value : undefined,
    broken,
    lineOf: (path) => lineAt(offsetOf(document.contents, path)),
  }
}

function plain(document: Document, problems: { line: number; what: string }[]): unknown {
  try {
    return document.contents?.toJS(document, { mapAsMap: true, maxAliasCount: 0 })
  } catch {
    problems.push({ line: 1, what: 'ALIAS' })
    return undefined
  }
}

function parsed(text: string, lineCounter: LineCounter): Document | null {
  try {
    return parseDocument(text, { lineCounter, schema: 'core', merge: false, strict: true })
  } catch {
    return null
  }
}

function offsetOf(contents: Node | null, path: Path): number {
  let node: unknown = contents
  let offset = contents?.range?.[0] ?? 0
  for (const step of path) {
    const [at, below] = stepInto(node, step)
    if (at === null) return offset
    offset = at.range?.[0] ?? offset
    node = below
  }
  return offset
}

/** Where a step stands, and what stands below it: a key of a mapping, or the place in a list, from 0. */
function stepInto(node: unknown, step: string): readonly [Node | null, unknown] {
  if (isSeq(node)) {
    const item = node.items[Number(step)]
    return isNode(item) ? [item, item] : [null, null]
  }
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step) : null
  return pair ? [pair.key as Node, pair.value] : [null, null]
}
