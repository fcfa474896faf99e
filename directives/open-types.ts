import { getNamedType, type GraphQLSchema, isAbstractType, isObjectType } from 'graphql'

/**
 * Object types that belong to nobody: a root, or an entity that is no person, reaches them without passing through a
 * person. What an interface asks of people's data is not asked of them, even where a person leads to one
 * (`Person.employer` is a company).
 */
export const openTypes = (
  schema: GraphQLSchema,
  { subjects, entities }: { subjects: ReadonlyMap<string, unknown>; entities: ReadonlySet<string> },
): ReadonlySet<string> => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const open = new Set<string>()
  const queue = [...roots.flatMap((root) => root?.name ?? []), ...entities]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const type = schema.getType(name)
    if (isAbstractType(type)) queue.push(...schema.getPossibleTypes(type).map((possible) => possible.name))
    if (!isObjectType(type) || subjects.has(name) || open.has(name)) continue
    open.add(name)
    // `_entities` reaches people and entities only, and these are looked at by themselves.
    const fields = Object.values(type.getFields()).filter((field) => field.name !== '_entities')
    queue.push(...fields.map((field) => getNamedType(field.type).name))
  }
  return open
}
