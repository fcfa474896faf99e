import type { Supergraph } from '../../schema/supergraph.ts'
import { readTags } from '../../directives/tags.ts'
import type { IsHidden } from './visible-document.ts'

/** Which part of a graph a client may ask. */
export interface TagFilter {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/**
 * What a contract leaves out (GraphOS, "Contracts"): everything tagged with an excluded tag; and where tags are to be
 * included, each union and each field of an object or interface that has none of them, itself or by its type.
 */
export const createTagFilter = (supergraph: Supergraph): ((filter: TagFilter) => IsHidden) => {
  const tags = readTags(supergraph.document)
  return ({ include, exclude }) => {
    const has = (coordinate: string, wanted: readonly string[]): boolean =>
      wanted.some((tag) => tags.get(coordinate)?.has(tag) === true)
    return (coordinate) => {
      if (has(coordinate, exclude)) return true
      if (include.length === 0) return false
      const [type = '', field] = coordinate.split('.')
      const kind = supergraph.types.get(type)?.kind
      if (field === undefined) return kind === 'union' && !has(coordinate, include)
      const isField = (kind === 'object' || kind === 'interface') && !field.includes('(')
      return isField && !has(coordinate, include) && !has(type, include)
    }
  }
}
