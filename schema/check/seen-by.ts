import { type GraphQLSchema, getNamedType, isInterfaceType, isObjectType } from 'graphql'
import { readTags } from '../../directives/tags.ts'
import type { ClientTerms } from './clients-of.ts'
import type { Graph } from './side.ts'

/** Coordinates of the fields that clients see at all: nothing `@inaccessible`. */
export const publicFields = ({ schema }: Graph): ReadonlySet<string> => {
  const known = read.get(schema) ?? new Set(fieldsOf(schema).map(({ coordinate }) => coordinate))
  read.set(schema, known)
  return known
}

const read = new WeakMap<GraphQLSchema, ReadonlySet<string>>()

/**
 * Of these, those that the tags of one client leave to it, as the gateway reads them (GraphOS, "Contracts"): what is tagged
 * with an excluded tag is gone; where tags are included, a field has one of them, itself or by its type.
 */
export const seenBy = (graph: Graph, client: ClientTerms): ReadonlySet<string> => {
  const [include, exclude] = [tagsOf(client, 'include'), tagsOf(client, 'exclude')]
  if (include.length === 0 && exclude.length === 0) return publicFields(graph)
  const tags = readTags(graph.supergraph.document)
  const has = (coordinate: string, wanted: readonly string[]): boolean =>
    wanted.some((tag) => tags.get(coordinate)?.has(tag) ?? false)
  const seen = fieldsOf(graph.schema).filter(
    ({ type, coordinate, named }) =>
      ![type, coordinate, named].some((one) => has(one, exclude)) &&
      (include.length === 0 || has(coordinate, include) || has(type, include)),
  )
  return new Set(seen.map(({ coordinate }) => coordinate))
}

interface SeenField {
  readonly type: string
  readonly coordinate: string
  readonly named: string
}

const fieldsOf = (schema: GraphQLSchema): SeenField[] =>
  Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields()).map((field) => ({
          type: type.name,
          coordinate: `${type.name}.${field.name}`,
          named: getNamedType(field.type).name,
        }))
      : [],
  )

const tagsOf = ({ leaves }: ClientTerms, list: 'include' | 'exclude'): readonly string[] => {
  const value = leaves.find(({ path }) => path.length === 2 && path[0] === 'tags' && path[1] === list)?.value
  return value === undefined || typeof value === 'string' ? [] : value
}
