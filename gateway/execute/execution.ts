import type { Grant, LookupGrant } from '../../directives/grant.ts'
import type { Fence } from '../fence/fence.ts'
import { written } from '../json-writer.ts'
import type { Lifetime } from '../lifetime.ts'
import type { World } from '../plan/world.ts'
import type { IncomingHeaders, SubgraphClient, SubgraphRequest } from '../ports.ts'
import type { FieldError } from './field-errors.ts'
import type { OperationText } from './operation-text.ts'
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
  /** Told when the last that is decided about is on its way. */
  readonly onLastSent: () => void
}

interface Message {
  readonly subgraph: string
  readonly kind: SubgraphRequest['kind']
  readonly text: OperationText
  /** Members of the variables that are ours, written: `"_e0_representations":[…]`. */
  readonly own: readonly string[]
  readonly lookups: Readonly<Record<string, LookupGrant>>
  /** Null where nothing is about anybody. */
  readonly mayLeave?: (() => boolean) | null
}

/** What of a request goes with whatever is sent for it. */
export type Requesting = Pick<Execution, 'variables' | 'grant' | 'lifetime' | 'incoming'>

export const requestOf = (
  { subgraph, kind, text, own, lookups, mayLeave }: Message,
  execution: Requesting,
): SubgraphRequest => {
  const { document, json: documentJson, variables: names } = text
  const members = names.length === 0 ? own : [...own, ...clientVariables(names, execution)]
  const variables = `{${members.join(',')}}`
  const grant = grantOf(execution.grant, subgraph, lookups)
  const { lifetime, incoming } = execution
  // Not one out of the other: the engine adds a member to a copy by its slowest way.
  return mayLeave === undefined || mayLeave === null
    ? { subgraph, kind, document, documentJson, variables, grant, lifetime, incoming }
    : { subgraph, kind, document, documentJson, variables, grant, lifetime, incoming, mayLeave }
}

const grantOf = (
  { client, purpose, request, actor }: Requesting['grant'],
  subgraph: string,
  lookups: Grant['lookups'],
): Grant => ({ subgraph, client, purpose, request, actor, lookups })

/** The client's variables that one operation uses. */
const clientVariables = (names: readonly string[], { variables }: Requesting): string[] =>
  names
    .filter((name) => Object.hasOwn(variables, name))
    .map((name) => `${JSON.stringify(name)}:${written(variables[name]) ?? 'null'}`)
