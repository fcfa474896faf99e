import {
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql'
import { AssentError } from './errors.ts'
import type { GatewayRequest } from './request.ts'

/** The values as the client sent them, digit by digit, with the operation's defaults; a value that does not fit is refused before anything is asked. */
export const coerceVariables = (
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  { variables: inputs, exactVariables = inputs }: Pick<GatewayRequest, 'variables' | 'exactVariables'>,
): Readonly<Record<string, unknown>> => {
  if ((operation.variableDefinitions ?? []).length === 0) return NONE
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], inputs, {
    maxErrors: 10,
  })
  // The messages of graphql-js quote the value, which may be a person's.
  if (errors !== undefined) throw new AssentError('BAD_USER_INPUT', variablesNamed(operation, errors))
  const variables = Object.create(null) as Record<string, unknown>
  for (const [name, value] of Object.entries(coerced))
    variables[name] = Object.hasOwn(inputs, name) ? exactVariables[name] : value
  return variables
}

const NONE: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null) as Record<string, unknown>)

const variablesNamed = (operation: OperationDefinitionNode, errors: readonly GraphQLError[]): string => {
  const names = (operation.variableDefinitions ?? []).map(
    (definition) => `$${definition.variable.name.value}`,
  )
  return names.filter((name) => errors.some(({ message }) => message.includes(`"${name}"`))).join(', ')
}
