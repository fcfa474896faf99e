import { readYaml } from '../../subgraphs/yaml-source.ts'
import type { Approval } from './approvals.ts'

/**
 * Approvals in YAML: `approvals:`, a list of `{ hash, by, until }`. Null for what is none; an entry that lacks a part
 * allows nothing and is told as one of another content.
 */
export const readApprovals = ({
  file,
  text,
}: {
  readonly file: string
  readonly text: string
}): readonly Approval[] | null => {
  const source = readYaml(text)
  const { value } = source
  const list: unknown = value instanceof Map ? value.get('approvals') : undefined
  if (!Array.isArray(list)) return null
  return list.map((entry: unknown, index) => {
    const part = (name: string): string => {
      const written: unknown = entry instanceof Map ? entry.get(name) : undefined
      return typeof written === 'string' ? written : ''
    }
    const place = { file, line: source.lineOf(['approvals', String(index)]), column: 1 }
    return { hash: part('hash'), by: part('by'), until: part('until'), source: place }
  })
}
