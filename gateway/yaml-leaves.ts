import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Node } from 'yaml'
import type { Fault } from './errors.ts'

/** One value of a YAML file that is not itself a map, with the way to it and the line it stands on. */
export interface YamlLeaf {
  readonly path: readonly string[]
  readonly value: unknown
  readonly place: string
}

/** Reads a YAML file as its leaves, so that each fault can name its line. The file is data: no tags, no merges, no aliases. */
export const yamlLeaves = (text: string, file: string): { leaves: YamlLeaf[]; faults: Fault[] } => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', merge: false, strict: true })
  const faults = document.errors.map(({ pos, code }) => ({
    name: file,
    place: placeOf(pos[0]),
    problem: `is not YAML here (${code}).`,
    remedy: 'Correct the line.',
  }))
  const leaves: YamlLeaf[] = []
  if (faults.length === 0 && document.contents !== null) collect(document.contents, [], file)
  return { leaves, faults }

  function placeOf(offset: number): string {
    return `${file}:${lines.linePos(offset).line}`
  }

  function collect(node: Node, path: readonly string[], place: string): void {
    if (!isMap(node)) {
      if (path.length === 0) return void faults.push(notAMap(file, place))
      addLeaf(node, path, place)
      return
    }
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '?'
      const at = placeOf((key as Node).range?.[0] ?? 0)
      if (value === null) leaves.push({ path: [...path, name], value: null, place: at })
      else collect(value as Node, [...path, name], at)
    }
  }

  function addLeaf(node: Node, path: readonly string[], place: string): void {
    try {
      leaves.push({ path, value: node.toJS(document, { maxAliasCount: 0 }), place })
    } catch {
      faults.push({ name: path.join('.'), place, problem: 'is an alias.', remedy: 'Write the value itself.' })
    }
  }
}

const notAMap = (file: string, place: string): Fault => ({
  name: file,
  place,
  problem: 'does not hold names with values.',
  remedy: 'Write `name: value`, one a line.',
})
