import { Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import type { GraphQLSchema } from 'graphql'

/** Told, of each operation, which client asks which deprecated fields; never who they are about. */
export type OnDeprecated = (client: string, coordinates: readonly string[]) => void

/** For one client that asks one operation, whether it is answered at once, in parts or event by event. */
export type CountUses = (client: string, operation: OperationDefinitionNode) => void

/** Where nobody wants to know, nothing is looked through. */
export const usesCounter = (tell: OnDeprecated | undefined, schema: GraphQLSchema): CountUses => {
  if (tell === undefined) return () => undefined
  const deprecatedIn = deprecatedFields(schema)
  return (client, operation) => tell(client, deprecatedIn(operation))
}

/** Which deprecated fields an operation asks. Looked through once an operation; a schema without any costs nothing. */
const deprecatedFields = (
  schema: GraphQLSchema,
): ((operation: OperationDefinitionNode) => readonly string[]) => {
  const fields = new Map<string, { readonly named: string; readonly isDeprecated: boolean }>()
  let isThereAny = false
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getFields' in type)) continue
    for (const field of Object.values(type.getFields())) {
      const isDeprecated = field.deprecationReason !== undefined && field.deprecationReason !== null
      isThereAny ||= isDeprecated
      fields.set(`${type.name}.${field.name}`, {
        named: String(field.type).replaceAll(/[[\]!]/g, ''),
        isDeprecated,
      })
    }
  }
  const known = new WeakMap<OperationDefinitionNode, readonly string[]>()
  const walk = (set: SelectionSetNode, type: string, found: Set<string>): void => {
    for (const one of set.selections) {
      if (one.kind === Kind.INLINE_FRAGMENT)
        walk(one.selectionSet, one.typeCondition?.name.value ?? type, found)
      if (one.kind !== Kind.FIELD) continue
      const coordinate = `${type}.${one.name.value}`
      const field = fields.get(coordinate)
      if (field?.isDeprecated === true) found.add(coordinate)
      if (field !== undefined && one.selectionSet !== undefined) walk(one.selectionSet, field.named, found)
    }
  }
  return (operation) => {
    if (!isThereAny) return NOTHING
    const before = known.get(operation)
    if (before !== undefined) return before
    const found = new Set<string>()
    const root = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    }
    walk(operation.selectionSet, root[operation.operation]?.name ?? '', found)
    const coordinates = [...found]
    known.set(operation, coordinates)
    return coordinates
  }
}

const NOTHING: readonly string[] = []
