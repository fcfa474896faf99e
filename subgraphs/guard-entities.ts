import {
  getNamedType,
  getNullableType,
  type GraphQLObjectType,
  type GraphQLInterfaceType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { readSchemaWords } from '../directives/schema-words.ts'
import { codedError } from './coded-error.ts'

type KeyFields = ReadonlyMap<string, ReadonlySet<string>>

/**
 * `_entities` asks resolvers one after the other and leaves to nobody what was under way when a later one cannot be asked at
 * all: its failure would end the process. So all representations are looked at before anything is asked, and what cannot be
 * somebody's key reaches no resolver. Changes this schema in place, and returns it.
 */
export function guardEntities(schema: GraphQLSchema): GraphQLSchema {
  const entities = schema.getQueryType()?.getFields()['_entities']
  const resolve = entities?.resolve
  if (entities === undefined || resolve === undefined) return schema
  const { keyFields } = readSchemaWords(schema)
  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type) || isInterfaceType(type)) rejectInsteadOfThrowing(type)
  entities.resolve = (source, args: { representations: readonly unknown[] }, context, info) => {
    for (const [at, one] of args.representations.entries())
      if (!isRepresentation(schema, keyFields, one))
        throw codedError('BAD_USER_INPUT', `_entities(representations:)[${at}]`)
    return resolve(source, args, context, info)
  }
  return schema
}

type Entity = GraphQLObjectType | GraphQLInterfaceType

interface Reference {
  resolveReference?: (...asked: unknown[]) => unknown
}

function rejectInsteadOfThrowing({ extensions }: Entity): void {
  const reference = (extensions as { apollo?: { subgraph?: Reference } }).apollo?.subgraph
  const resolve = reference?.resolveReference
  if (reference === undefined || resolve === undefined) return
  reference.resolveReference = (...asked) => {
    try {
      return resolve(...asked)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

const isRepresentation = (schema: GraphQLSchema, keyFields: KeyFields, one: unknown): boolean => {
  if (!isRecord(one)) return false
  const { __typename: name } = one
  const type = typeof name === 'string' ? schema.getType(name) : undefined
  if (!isObjectType(type) && !isInterfaceType(type)) return false
  const given = [...(keyFields.get(type.name) ?? [])].filter((key) => Object.hasOwn(one, key))
  return given.length > 0 && given.every((key) => isValueOf(type.getFields()[key]?.type, one[key]))
}

/** No object is an id, whatever it can be written as. */
const isValueOf = (type: GraphQLOutputType | undefined, value: unknown): boolean => {
  if (type === undefined || value === null) return true
  const nullable = getNullableType(type)
  if (isListType(nullable))
    return Array.isArray(value) && value.every((item) => isValueOf(nullable.ofType, item))
  const named = getNamedType(nullable)
  if (isLeafType(named)) return !isSpecifiedScalarType(named) || typeof value !== 'object'
  if (!isRecord(value)) return false
  const fields = 'getFields' in named ? named.getFields() : {}
  return Object.entries(value).every(([name, inner]) =>
    isValueOf(Object.hasOwn(fields, name) ? fields[name]?.type : undefined, inner),
  )
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
