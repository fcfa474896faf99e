import type { LookupGrant } from '../../directives/grant.ts'
import { AssentError } from '../errors.ts'
import type { Admitted } from '../fence/fence.ts'
import type { EntityFetchNode, Lookup } from '../plan/query-plan.ts'
import type { SubgraphError, SubgraphResponse } from '../ports.ts'
import { type Execution, pick } from './execution.ts'
import { failureAt, fieldError, pathOf } from './field-errors.ts'
import { keepAsked } from './keep-asked.ts'
import { mergeInto } from './merge.ts'
import { entitiesText } from './operation-text.ts'
import { candidatesOf, entitiesOf, type Entity, type EntityCandidate, proves } from './representations.ts'
import { applyRewrites } from './rewrites.ts'
import { isObject, own } from './targets.ts'

/** One partition of one lookup, as it travels: an alias of `_entities`. */
interface Batch {
  readonly alias: string
  readonly lookup: Lookup
  readonly admitted: Admitted<EntityCandidate>
  readonly entities: readonly Entity[]
}

/**
 * Collects the objects, lets the fence decide, sends what is left in one request, and merges what is proved
 * to be about the one it was asked about. Partitions with nothing left are not sent.
 */
export const fetchEntities = async (node: EntityFetchNode, execution: Execution): Promise<void> => {
  const admitted = await Promise.all(
    node.lookups.map(async (lookup) => {
      const candidates = candidatesOf(execution.data, lookup, execution.world)
      const partitions =
        candidates.length === 0 ? [] : await execution.fence.admit(node.subgraph, lookup, candidates)
      return partitions.map((partition) => ({
        lookup,
        admitted: partition,
        entities: entitiesOf(partition, lookup, execution.world),
      }))
    }),
  )
  const batches = admitted
    .flat()
    .filter(({ entities }) => entities.length > 0)
    .map((batch, index): Batch => ({ ...batch, alias: `_e${index}` }))
  if (batches.length > 0) await send(node, batches, execution)
}

const send = async (
  node: EntityFetchNode,
  batches: readonly Batch[],
  execution: Execution,
): Promise<void> => {
  const fields = batches.map(({ alias, admitted }) => ({
    alias,
    selection: admitted.selection,
    proof: admitted.proof,
  }))
  const { document, variables } = entitiesText(fields, node.variables)
  const representations = batches.map(({ alias, entities }) => [
    `${alias}_representations`,
    entities.map(({ representation }) => representation),
  ])
  try {
    const response = await execution.subgraphs.send({
      subgraph: node.subgraph,
      kind: 'query',
      document,
      documentJson: JSON.stringify(document),
      variables: JSON.stringify({
        ...pick(execution.variables, variables),
        ...Object.fromEntries(representations),
      }),
      lifetime: execution.lifetime,
      incoming: execution.incoming,
      grant: {
        ...execution.grant,
        subgraph: node.subgraph,
        lookups: Object.fromEntries(batches.map((batch) => [batch.alias, lookupGrant(batch)])),
      },
    })
    for (const batch of batches) receive(node, batch, response, execution)
    reportRest(node, batches, response.errors, execution)
  } catch (cause) {
    execution.report(cause)
    for (const batch of batches) fail(batch, cause, execution)
  }
}

const lookupGrant = ({ admitted }: Batch): LookupGrant =>
  admitted.anonymousKey === null ? { scopes: admitted.scopes } : { scopes: [], anonymous: true }

const fail = ({ admitted, entities }: Batch, cause: unknown, execution: Execution): void => {
  for (const { items } of entities)
    for (const item of items) execution.errors.push(...failureAt(cause, admitted.selection, item))
}

/** Entities are never trusted by position alone: a wrong count, type or key refuses the whole batch. */
const receive = (
  node: EntityFetchNode,
  batch: Batch,
  { data, errors }: SubgraphResponse,
  execution: Execution,
): void => {
  const mine = errors.filter((error) => pathOf(error)[0] === batch.alias)
  reportEntities(node, batch, mine, execution)
  const answers = isObject(data) ? own(data, batch.alias) : undefined
  if (answers === undefined || answers === null) {
    if (errors.length === 0)
      fail(batch, new AssentError('SUBGRAPH_RESPONSE_INVALID', node.subgraph), execution)
    return
  }
  if (!Array.isArray(answers) || !fits(batch, answers, execution))
    return fail(batch, new AssentError('SUBGRAPH_ENTITY_MISMATCH', node.subgraph), execution)
  answers.forEach((answer: unknown, index) => {
    for (const item of batch.entities[index]?.items ?? []) {
      const asked = keepAsked(answer, batch.admitted.selection, execution.world)
      applyRewrites(asked, batch.lookup.outputRewrites, execution.world)
      if (isObject(asked)) mergeInto(item.object, asked, execution.world)
    }
  })
}

const fits = ({ entities, admitted }: Batch, answers: readonly unknown[], { world }: Execution): boolean =>
  answers.length === entities.length &&
  entities.every(({ representation }, index) => {
    const answer = answers[index]
    if (answer === null) return true
    if (!isObject(answer)) return false
    return admitted.proof === null || proves(answer, representation, admitted.proof, world)
  })

/** `[alias, index, …]` in the subgraph is one or many objects of the answer; without an index it is all of them, once. */
const reportEntities = (
  node: EntityFetchNode,
  batch: Batch,
  errors: readonly SubgraphError[],
  execution: Execution,
): void => {
  const whole = new AssentError('SUBGRAPH_ERROR', node.subgraph)
  if (errors.some((error) => typeof pathOf(error)[1] !== 'number')) fail(batch, whole, execution)
  const told = new Set<string>()
  for (const error of errors) {
    const [, index, ...rest] = pathOf(error)
    const items = typeof index === 'number' ? (batch.entities[index]?.items ?? []) : []
    const key = JSON.stringify([index, ...rest])
    if (told.has(key)) continue
    told.add(key)
    for (const item of items)
      if (rest.length === 0) execution.errors.push(...failureAt(whole, batch.admitted.selection, item))
      else execution.errors.push(fieldError('SUBGRAPH_ERROR', node.subgraph, [...item.path, ...rest], error))
  }
}

/** Errors that name no lookup are about all of them. */
const reportRest = (
  node: EntityFetchNode,
  batches: readonly Batch[],
  errors: readonly SubgraphError[],
  execution: Execution,
): void => {
  const aliases = new Set(batches.map(({ alias }) => alias))
  const rest = errors.filter((error) => !aliases.has(String(pathOf(error)[0])))
  if (rest.length > 0)
    for (const batch of batches) fail(batch, new AssentError('SUBGRAPH_ERROR', node.subgraph), execution)
}
