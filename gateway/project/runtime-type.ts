import {
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import { type DataObject, own } from '../execute/targets.ts'
import { isInterfaceObject, type World } from '../plan/world.ts'
import type { Composite } from './asked-fields.ts'

export const INVALID = Symbol('invalid')

/**
 * The type a value says it is. INVALID where it says none, or one that cannot stand here; null where clients may not know
 * the type. Only an interface object may say its interface's name.
 */
export const runtimeType = (
  declared: GraphQLOutputType,
  value: DataObject,
  { world, schema }: { readonly world: World; readonly schema: GraphQLSchema },
): Composite | null | typeof INVALID => {
  const name = own(value, '__typename')
  if (name === undefined && isObjectType(declared)) return declared
  if (typeof name !== 'string' || !world.supergraph.types.has(name)) return INVALID
  const type = schema.getType(name)
  if (isInterfaceType(type)) return isInterfaceObject(world, name) ? type : INVALID
  if (!isObjectType(type)) return null
  const fits = type === declared || (isAbstractType(declared) && schema.isSubType(declared, type))
  return fits ? type : INVALID
}
