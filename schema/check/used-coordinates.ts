import { type GraphQLSchema, isAbstractType, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql'

/**
 * Every coordinate that a document selects or gives: fields, on an abstract type those of all it can be, too; arguments,
 * input fields and enum values. Empty for what cannot be read.
 */
export const coordinatesIn = (schema: GraphQLSchema, text: string): readonly string[] => {
  try {
    return [...walk(schema, text)]
  } catch {
    return []
  }
}

const walk = (schema: GraphQLSchema, text: string): Set<string> => {
  const found = new Set<string>()
  const info = new TypeInfo(schema)
  const add = (...names: readonly string[]): void => names.forEach((name) => found.add(name))
  visit(
    parse(text, { noLocation: true }),
    visitWithTypeInfo(info, {
      Field: ({ name }) => {
        const parent = info.getParentType()
        const possible = isAbstractType(parent) ? schema.getPossibleTypes(parent) : []
        add(
          ...[parent, ...possible].flatMap((type) => (type ? [type.name, `${type.name}.${name.value}`] : [])),
        )
      },
      Argument: ({ name }) =>
        add(`${info.getParentType()?.name}.${info.getFieldDef()?.name}(${name.value}:)`),
      ObjectField: ({ name }) => {
        const parent = info.getParentInputType()
        if (parent && 'name' in parent) add(`${parent.name}.${name.value}`)
      },
      EnumValue: ({ value }) => {
        const type = info.getInputType()
        if (type && 'name' in type) add(`${type.name}.${value}`)
      },
    }),
  )
  return found
}
