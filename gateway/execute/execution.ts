import type { Grant } from '../../directives/grant.ts'
import type { Fence } from '../fence/fence.ts'
import type { World } from '../plan/world.ts'
import type { Lifetime } from '../lifetime.ts'
import type { IncomingHeaders, SubgraphClient } from '../ports.ts'
import type { FieldError } from './field-errors.ts'
import type { DataObject } from './targets.ts'

/** What one request carries through its plan. */
export interface Execution {
  readonly world: World
  readonly fence: Fence
  readonly subgraphs: SubgraphClient
  readonly variables: Readonly<Record<string, unknown>>
  /** The grant of this request, without what is granted for one subgraph request. */
  readonly grant: Omit<Grant, 'subgraph' | 'lookups'>
  readonly lifetime: Lifetime
  readonly incoming: IncomingHeaders
  readonly data: DataObject
  readonly errors: FieldError[]
  /** Told of every failure, with what must not reach the client. */
  readonly report: (cause: unknown) => void
}

/** The client's variables that one operation uses. */
export const pick = (
  variables: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> =>
  Object.fromEntries(
    names.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
  )
