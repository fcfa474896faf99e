import type { LookupGrant } from '../../directives/grant.ts'
import { AssentError } from '../errors.ts'
import { type Admitted, isOpen } from '../fence/fence.ts'
import { after, type Soon } from '../fence/soon.ts'
import type { EntityFetchNode, Lookup } from '../plan/query-plan.ts'
import type { SubgraphError, SubgraphResponse } from '../ports.ts'
import { shapeOf } from './answer-shape.ts'
import { candidatesOf, type EntityCandidate } from './candidates.ts'
import { type Entities, guardedEntitiesOf, openEntitiesOf } from './entities-of.ts'
import { type Execution, requestOf } from './execution.ts'
import { failureAt, fieldError, pathOf } from './field-errors.ts'
import { mergeIntoAll } from './merge.ts'
import { aliasOf, type EntitiesField, entitiesText, representationsOf } from './operation-text.ts'
import { keyTextOf, saysType } from './proof.ts'
import { type DataObject, isObject, objectsAt, own, placesAt, type ResponsePath } from './targets.ts'

/** One partition of one lookup: it travels as an alias of `_entities`. */
interface Batch extends EntitiesField, Entities {
  readonly lookup: Lookup
  readonly grant: LookupGrant
  /** Named by its place among those that are sent. */
  alias: string
}

/**
 * Collects the objects, lets the fence decide, sends what is left in one request, and merges what is proved
 * to be about the one it was asked about. Partitions with nothing left are not sent.
 */
export const fetchEntities = async (
  node: EntityFetchNode,
  execution: Execution,
  isLastNode: boolean,
): Promise<void> => {
  let mayBeLate = true
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt += 1) {
    const outcome = await fetchOnce(node, execution, { isLastAttempt: false, isLastNode, mayBeLate })
    if (outcome === 'done') return
    if (outcome === 'late') mayBeLate = false
  }
  await fetchOnce(node, execution, { isLastAttempt: true, isLastNode, mayBeLate: false })
}

/** Consent that changes as fast as it is asked about is none. */
const MOST_ATTEMPTS = 4

interface Chances {
  readonly isLastAttempt: boolean
  /** Whether nothing of the plan follows on it. */
  readonly isLastNode: boolean
  /** Whether it is asked anew when the subgraph came to it too late. */
  readonly mayBeLate: boolean
}

/**
 * `overtaken`: somebody's consent has changed between the decision and the connection, so nothing was sent.
 * `late`: the lease was over when the subgraph looked at it, so nothing protected was answered. It is decided anew and asked
 * once more: entities are only ever read.
 */
type FetchOutcome = 'done' | 'overtaken' | 'late'

const fetchOnce = async (
  node: EntityFetchNode,
  execution: Execution,
  chances: Chances,
): Promise<FetchOutcome> => {
  const { fence } = execution
  const version = fence.version()
  const partitions: Batch[] = []
  const waiting: Promise<readonly Batch[]>[] = []
  let isGuarded = false
  for (const lookup of node.lookups) {
    const objects = objectsAt(execution.data, lookup.paths, execution.world)
    if (objects.length === 0) continue
    if (isOpen(lookup)) {
      partitions.push(openPartition(objects, lookup, execution))
      continue
    }
    isGuarded = true
    const admitted = admit(node, objects, lookup, execution)
    if (admitted instanceof Promise) waiting.push(admitted)
    else partitions.push(...admitted)
  }
  if (waiting.length > 0) partitions.push(...(await Promise.all(waiting)).flat())
  const batches = partitions.filter(({ representations }) => representations.length > 0)
  for (const [index, batch] of batches.entries()) batch.alias = aliasOf(index)
  if (batches.length === 0) return 'done'
  const { isLastAttempt, isLastNode, mayBeLate } = chances
  const mayLeave = isGuarded ? () => fence.holds(version) : null
  const sending: Sending = { batches, mayLeave, isLastAttempt, isLastNode, mayBeLate }
  const outcome = send(node, sending, execution)
  if (isGuarded && isLastNode) execution.onLastSent()
  return outcome
}

const openPartition = (objects: readonly DataObject[], lookup: Lookup, { world }: Execution): Batch => {
  const { representations, receivers, keys } = openEntitiesOf(objects, lookup, world)
  const { selection } = lookup
  return { representations, receivers, keys, lookup, selection, proof: null, grant: NO_SCOPES, alias: '' }
}

const NO_SCOPES: LookupGrant = { scopes: [] }

// eslint-disable-next-line max-params -- what is asked, of whom, in which request
const admit = (
  node: EntityFetchNode,
  objects: readonly DataObject[],
  lookup: Lookup,
  { world, fence }: Execution,
): Soon<readonly Batch[]> =>
  after(fence.admit(node.subgraph, lookup, candidatesOf(objects, lookup, world)), (admitted) =>
    admitted.map((one) => {
      const { representations, receivers, keys } = guardedEntitiesOf(one, lookup, world)
      const { selection, proof } = one
      return {
        representations,
        receivers,
        keys,
        lookup,
        selection,
        proof,
        grant: lookupGrant(one),
        alias: '',
      }
    }),
  )

const lookupGrant = ({ anonymousKey, scopes }: Admitted<EntityCandidate>): LookupGrant =>
  anonymousKey === null ? { scopes } : { scopes: [], anonymous: true }

interface Sending extends Chances {
  readonly batches: readonly Batch[]
  /** Null where nothing is about anybody. */
  readonly mayLeave: (() => boolean) | null
}

const send = async (
  node: EntityFetchNode,
  { batches, mayLeave, isLastAttempt, mayBeLate }: Sending,
  execution: Execution,
): Promise<FetchOutcome> => {
  const message = {
    subgraph: node.subgraph,
    kind: 'query' as const,
    text: entitiesText(batches, node.variables),
    own: batches.map(
      ({ alias, representations }) => `"${representationsOf(alias)}":[${representations.join(',')}]`,
    ),
    lookups: lookupsOf(batches),
    mayLeave,
  }
  try {
    const response = await execution.subgraphs.send(requestOf(message, execution))
    if (mayBeLate && mayLeave !== null && isRefusedLate(response)) return 'late'
    for (const batch of batches) receive(node, batch, response, execution)
    if (response.errors.length > 0) reportRest(node, batches, response.errors, execution)
  } catch (cause) {
    if (!isLastAttempt && cause instanceof AssentError && cause.code === 'CONSENT_OVERTAKEN')
      return 'overtaken'
    execution.report(cause)
    for (const batch of batches) fail(batch, cause, execution)
  }
  return 'done'
}

const lookupsOf = (batches: readonly Batch[]): Record<string, LookupGrant> => {
  const lookups: Record<string, LookupGrant> = {}
  for (const { alias, grant } of batches) lookups[alias] = grant
  return lookups
}

/** A subgraph takes a grant whose lease is over for none. */
const isRefusedLate = ({ isLate, errors }: SubgraphResponse): boolean =>
  isLate === true && errors.some(({ extensions }) => extensions?.['code'] === 'GRANT_MISSING')

const fail = ({ selection, lookup, receivers }: Batch, cause: unknown, execution: Execution): void => {
  const places = placesAt(execution.data, lookup.paths, execution.world)
  for (const place of placesOf(receivers.flat(), places))
    execution.errors.push(...failureAt(cause, selection, place))
}

const placesOf = (
  objects: readonly DataObject[],
  places: ReadonlyMap<DataObject, ResponsePath>,
): ResponsePath[] =>
  objects.flatMap((object) => {
    const place = places.get(object)
    return place === undefined ? [] : [place]
  })

/** Entities are never trusted by position alone: a wrong count, type or key refuses the whole batch. */
const receive = (
  node: EntityFetchNode,
  batch: Batch,
  { data, errors }: SubgraphResponse,
  execution: Execution,
): void => {
  if (errors.length > 0) reportEntities(node, batch, errors, execution)
  const answers = isObject(data) ? own(data, batch.alias) : undefined
  if (answers === undefined || answers === null) {
    if (errors.length === 0)
      fail(batch, new AssentError('SUBGRAPH_RESPONSE_INVALID', node.subgraph), execution)
    return
  }
  if (!Array.isArray(answers) || !fits(batch, answers, execution))
    return fail(batch, new AssentError('SUBGRAPH_ENTITY_MISMATCH', node.subgraph), execution)
  const { world } = execution
  const shape = shapeOf(batch.selection, world)
  const rewrites = batch.lookup.outputRewrites
  for (let index = 0; index < answers.length; index += 1) {
    const answer: unknown = answers[index]
    if (isObject(answer)) mergeIntoAll(batch.receivers[index] ?? [], { answer, shape, rewrites, world })
  }
}

const fits = (
  { representations, keys, proof }: Batch,
  answers: readonly unknown[],
  { world }: Execution,
): boolean =>
  answers.length === representations.length &&
  answers.every((answer, index) => {
    if (answer === null) return true
    if (!isObject(answer)) return false
    if (proof === null || keys === null) return true
    // It says of itself that it is about what was asked: a type that fits, and the same key.
    const key = keys[index] ?? null
    return (
      key !== null &&
      keyTextOf(answer, proof) === key &&
      saysType(answer, representations[index] ?? '', world)
    )
  })

/** `[alias, index, …]` in the subgraph is one or many objects of the answer; without an index it is all of them, once. */
const reportEntities = (
  node: EntityFetchNode,
  batch: Batch,
  errors: readonly SubgraphError[],
  execution: Execution,
): void => {
  const mine = errors.filter((error) => pathOf(error)[0] === batch.alias)
  const whole = new AssentError('SUBGRAPH_ERROR', node.subgraph)
  if (mine.some((error) => typeof pathOf(error)[1] !== 'number')) fail(batch, whole, execution)
  const places = placesAt(execution.data, batch.lookup.paths, execution.world)
  const told = new Set<string>()
  for (const error of mine) {
    const [, index, ...rest] = pathOf(error)
    const key = JSON.stringify([index, ...rest])
    if (typeof index !== 'number' || told.has(key)) continue
    told.add(key)
    for (const place of placesOf(batch.receivers[index] ?? [], places))
      if (rest.length === 0) execution.errors.push(...failureAt(whole, batch.selection, place))
      else execution.errors.push(fieldError(error, node.subgraph, [...place, ...rest], execution.world))
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
