import {
  type DocumentNode,
  GraphQLError,
  type OperationDefinitionNode,
  parse,
  validate,
  valueFromASTUntyped,
} from 'graphql'
import { AssentError } from './errors.ts'
import { createFence } from './fence/fence.ts'
import { type Foreseen, foresee } from './fence/foresee.ts'
import { createLedger } from './fence/ledger.ts'
import { listStripped, type Stripped } from './fence/list-stripped.ts'
import { settleConditions } from './fence/settle-conditions.ts'
import type { CostSettings, Limits } from './limits/limits.ts'
import { createOperationLimits } from './limits/operation-limits.ts'
import { createOperations } from './operations.ts'
import { entityFetches, type ExplainedNode, explainPlan, lookupNames } from './plan/explain-plan.ts'
import { type LoadedWorld, loadWorld } from './plan/load-world.ts'
import type { QueryPlan } from './plan/query-plan.ts'
import type { Caller, Clock, ConsentState } from './ports.ts'

export interface ExplainRequest {
  readonly supergraph: string
  readonly text: string
  readonly operationName?: string
  /** Only `@skip` and `@include` look at them; what is missing counts as not given. */
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: Caller
  /** What each of the named people is taken to have answered. */
  readonly people: ReadonlyMap<string, ConsentState>
  readonly limits: Limits
  readonly costs?: CostSettings
  readonly clock: Clock
}

/** What a gateway would do, without doing it. */
export interface Explanation {
  readonly operation: { readonly type: OperationDefinitionNode['operation']; readonly name: string | null }
  readonly caller: {
    readonly client: string
    readonly purpose: string
    readonly scopes: readonly string[]
    readonly context: Caller['context']
  }
  /** By `@cost`, `@listSize` and the page sizes asked for; lists of which nothing is known are assumed. */
  readonly cost: number
  readonly stripped: readonly Stripped[]
  readonly plan: ExplainedNode | null
  /** How each lookup would treat each of the named people, if it found them. */
  readonly foreseen: readonly Foreseen[]
  readonly withheld: readonly ForeseenWithheld[]
}

export interface ForeseenWithheld {
  readonly coordinate: string
  readonly reason: string
  readonly scopes: readonly string[]
  /** Null for everybody. */
  readonly subjects: readonly string[] | null
  readonly instead?: 'ANONYMOUS'
}

/** Plans, cuts and fences as a gateway does. There is no way to a subgraph in here. Throws `AssentError`. */
export const explain = async (request: ExplainRequest): Promise<Explanation> => {
  const world = loadWorld(request.supergraph)
  try {
    return await explainIn(world, request)
  } finally {
    world.planner.close()
  }
}

const explainIn = async (world: LoadedWorld, request: ExplainRequest): Promise<Explanation> => {
  const { caller, text, operationName } = request
  const document = validDocument(text, world)
  const { cost } = createOperationLimits(
    { apiSchema: world.apiSchema, document: world.supergraph.document },
    request,
  ).admit({ ...request, document })
  const operations = createOperations(world, { random: () => LAST_SHARE })
  const chosen = operations.choose(document, operationName, caller.contract)
  const variables = withDefaults(chosen.client, request.variables)
  const { client, plan } = await chosen.prepare(caller, variables)
  const type = world.supergraph.roots.get(client.operation) ?? ''
  const asked = settleConditions(client.selectionSet, variables)
  const stripped = listStripped(asked, { world, scopes: caller.scopes, type, path: [] })
  const foreseen = await foreseeAll(plan, world, request)
  return {
    operation: { type: client.operation, name: client.name?.value ?? null },
    caller: {
      client: caller.client,
      purpose: caller.purpose,
      scopes: [...caller.scopes].toSorted(),
      context: caller.context,
    },
    cost,
    stripped,
    plan: explainPlan(plan, world.protection),
    foreseen,
    withheld: withheldOf(stripped, foreseen, world),
  }
}

/** Of what is moving, only what has moved for everybody: the same explanation every time. */
const LAST_SHARE = 0.999_999

const validDocument = (text: string, { apiSchema }: LoadedWorld): DocumentNode => {
  const document = parsed(text)
  const [problem] = validate(apiSchema, document)
  if (problem === undefined) return document
  throw new AssentError('GRAPHQL_VALIDATION_FAILED', placeOf(problem))
}

const placeOf = ({ locations, message }: GraphQLError): string => {
  const { line = 0, column = 0 } = locations?.[0] ?? {}
  return `document ${line}:${column}: ${message}`
}

const parsed = (text: string): DocumentNode => {
  try {
    return parse(text)
  } catch (cause) {
    const place = cause instanceof GraphQLError ? placeOf(cause) : 'document'
    throw new AssentError('GRAPHQL_PARSE_FAILED', place, { cause })
  }
}

const withDefaults = (
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const variables = Object.create(null) as Record<string, unknown>
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value
    if (Object.hasOwn(given, name)) variables[name] = given[name]
    else if (defaultValue !== undefined) variables[name] = valueFromASTUntyped(defaultValue)
  }
  return variables
}

const foreseeAll = async (
  plan: QueryPlan,
  world: LoadedWorld,
  { caller, people, clock }: ExplainRequest,
): Promise<Foreseen[]> => {
  const ledger = createLedger()
  const consent = { load: () => Promise.resolve(people) }
  const onConsentFailure = () => undefined
  const fence = createFence({
    world,
    caller,
    consent,
    clock,
    ledger,
    mostSubjects: people.size,
    notBefore: null,
    context: caller.context,
    onConsentFailure,
  })
  const names = lookupNames(plan)
  const found = await Promise.all(
    (plan.root === null ? [] : entityFetches(plan.root)).flatMap(({ subgraph, lookups }) =>
      lookups.map((lookup) =>
        foresee({ fence, ledger, subgraph, lookup, name: names.get(lookup) ?? '' }, [...people.keys()]),
      ),
    ),
  )
  return found.flat()
}

const withheldOf = (
  stripped: readonly Stripped[],
  foreseen: readonly Foreseen[],
  { protection }: LoadedWorld,
): ForeseenWithheld[] => {
  const lines = new Map<string, ForeseenWithheld & { subjects: string[] | null }>()
  for (const { coordinate, scopes } of stripped)
    lines.set(coordinate, { coordinate, reason: 'CALLER_SCOPE', scopes, subjects: null })
  for (const { denied, subjects, instead } of foreseen)
    for (const { coordinate, reason, scopes } of denied) {
      const key = JSON.stringify([coordinate, reason, scopes])
      const otherwise = protection.protections.get(coordinate)?.otherwise
      const replaced = instead !== null && otherwise === 'ANONYMOUS' ? { instead: otherwise } : {}
      const line = lines.get(key) ?? { coordinate, reason, scopes, subjects: [], ...replaced }
      lines.set(key, { ...line, subjects: [...new Set([...(line.subjects ?? []), ...subjects])] })
    }
  return [...lines.values()]
}
