import type { Vocabulary } from '../directives/vocabulary.ts'
import type { Charge } from '../privacy/budget/charge.ts'
import type { Budget } from './budget/budget.ts'
import type { BudgetLedger } from './budget/ledger.ts'
import { codedError } from './coded-error.ts'
import {
  buildInteractions,
  type InteractionsSpec,
  itemsFeature,
} from './features/training/build-interactions.ts'
import { asLines, digestOf } from './features/training/build-training-set.ts'
import { whoLeft, withoutPeople } from './features/training/check-training-set.ts'
import type { TrainingPorts } from './features/training/training-ports.ts'
import { registered, type TrainingRegistry } from './features/training/training-registry.ts'
import type { Snapshot, TrainingSet } from './features/training/training-set.ts'
import type { HouseLineage } from './house-lineage.ts'
import { keepLease, LEASE_MS } from './keep-lease.ts'
import { basketsOf, type Taken } from './recommendations/train/baskets-of.ts'
import type { Interactions } from './recommendations/train/interactions.ts'
import type { BoundReceipts, ModelCard } from './recommendations/train/model.ts'
import type { ItemList } from './recommendations/train/read-items.ts'
import { boundTo, receiptsBeside } from './recommendations/train/receipts-beside.ts'
import { rhoWithin } from './recommendations/train/rho-within.ts'
import { chargesOf } from './recommendations/train/spent-on.ts'
import type { Trained } from './recommendations/train/train-model.ts'
import { keyOf, type PreparedTraining } from './recommendations/train/train-prepared.ts'
import type { TrainerName } from './recommendations/train/training-run.ts'
import { openRun, type UnfinishedRun } from './recommendations/train/unfinished-run.ts'
import { writeTrained } from './recommendations/train/write-trained.ts'

export interface HouseTraining {
  readonly spec: InteractionsSpec
  readonly output: string
  readonly epsilon: number
  readonly delta: number
  readonly trainer: TrainerName
  readonly testSeed: number | null
}

/** What a training needs of the house, each by its port. */
export interface House {
  readonly ledger: BudgetLedger
  readonly budget: Budget
  readonly ports: TrainingPorts
  readonly vocabulary: Vocabulary
  readonly registry: Pick<TrainingRegistry, 'register'>
  /** Which pids are one person's, as any name that they share. */
  readonly personsOf: (pids: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /** What is sold: public. */
  readonly catalogue: () => Promise<ItemList>
  /** Nobody else can be training here: a lease that is left is of somebody who died. */
  readonly isAlone: boolean
  readonly train: (prepared: PreparedTraining) => Promise<Trained>
}

/**
 * Trains on what people of this house agreed to, within what the house still has to give away about them. In this order: what is asked
 * is looked at, the budget is charged, people are read, noise is drawn, what was really released is written down, the model is written.
 * Whoever dies on the way has spent it, and goes on by saying the same again.
 */
export async function trainOnHouse(asked: HouseTraining, house: House): Promise<ModelCard> {
  const definition = itemsFeature(asked.spec, house.ports, house)
  const list = await house.catalogue()
  const question = questionOf({ ...asked, budget: house.budget.name, version: definition.digest, list })
  const run = openRun(asked.output, question, keyOf(asked.testSeed))
  const reservation = await reserve(asked, { house, list, run, question })
  const lease = keepLease(house.ledger, reservation, house.ports.clock)
  try {
    const { set, interactions, persons } = await read(asked, { house, list, run })
    const { output, epsilon, delta, trainer, testSeed } = asked
    const how = { categories: list.categories, trainer, epsilon, delta, output, question, testSeed }
    const trained = await house.train({ interactions, ...how })
    if (reservation !== null) await house.ledger.settle(reservation, run.id, chargesOf(trained.releases))
    const beside = lineageOf({ set, persons, run, budget: house.budget.name })
    const card = writeTrained(trained, {
      output,
      delta,
      testSeed,
      items: interactions.items,
      source: { catalogue: 'given', lineage: 'lineage.json', receipts: beside.receipts },
      beside: beside.files,
    })
    lease.end()
    run.finish()
    return card
  } catch (problem) {
    await lease.release()
    throw problem
  }
}

/** All that is public about it; people are not, and are looked at again when it is gone on with. */
const questionOf = ({
  spec,
  epsilon,
  delta,
  trainer,
  testSeed,
  ...house
}: HouseTraining & { budget: string; version: string; list: ItemList }): string => {
  const { budget, version, list } = house
  const items = { items: list.items, categories: list.categories && [...list.categories] }
  return digestOf(JSON.stringify({ spec, epsilon, delta, trainer, testSeed, budget, version, ...items }))
}

interface Begun {
  readonly house: House
  readonly list: ItemList
  readonly run: UnfinishedRun
}

/** Null where the run has settled already, and only its model is missing. */
async function reserve(
  asked: HouseTraining,
  { house, list, run, question }: Begun & { readonly question: string },
): Promise<string | null> {
  const { ledger, budget, ports, isAlone } = house
  const made = await ledger.reserve({
    budget,
    charge: mostOf(asked, list),
    query: `model ${question}`,
    snapshot: run.id,
    now: ports.clock(),
    lease: { ms: LEASE_MS, isAlone },
  })
  switch (made.kind) {
    case 'reserved':
      return made.id
    case 'answered':
      return null
    case 'under way':
      throw codedError('MODEL_RUN_UNDER_WAY', asked.output)
    case 'refused': {
      // Nothing was drawn with its key, and nothing is kept of what was refused.
      run.abandon()
      const { days, left, epsilon } = made.limit
      const limit = days === null ? 'for ever' : `in ${days} days`
      throw codedError('MODEL_BUDGET_SPENT', `${budget.name}: ${floor(left)} of ${epsilon} ${limit} is left`)
    }
  }
}

/** Never more than there is. */
const floor = (epsilon: number): number => Math.floor(epsilon * 1000) / 1000

/** What a training may cost at most, before anything is known: by ρ, but for one that may sample, of which ε and δ are known. */
const mostOf = ({ trainer, epsilon, delta }: HouseTraining, { categories }: ItemList): Charge =>
  maySample(trainer, categories !== null)
    ? { kind: 'approximate', epsilon, delta }
    : { kind: 'concentrated', rho: rhoWithin(epsilon, delta) }

export const maySample = (trainer: TrainerName, hasCategories: boolean): boolean =>
  trainer === 'gradient' || (trainer === 'auto' && hasCategories)

interface Read {
  readonly set: TrainingSet
  readonly interactions: Interactions
  readonly persons: number
}

interface Note {
  readonly snapshot: Snapshot
  readonly digest: string
}

/**
 * Who agreed then and now, until the last moment before noise is drawn. A run that has drawn noise goes on with the very same people or
 * not at all: the same noise on others would be taken away by subtracting one result from the other.
 */
async function read({ spec }: HouseTraining, { house, list, run }: Begun): Promise<Read> {
  const { ports, vocabulary, registry } = house
  const before = run.checkpoint === null || run.note === null ? null : (JSON.parse(run.note) as Note)
  const found = await buildInteractions(spec, ports, {
    vocabulary,
    ...(before && { snapshot: before.snapshot }),
  })
  const persons = await house.personsOf(pidsIn(found))
  const set = await lastLook(found, { ports, registry })
  const taken = takenBy(set, persons)
  const interactions = basketsOf([...taken.values()], list.items)
  const digest = digestOf(JSON.stringify([...taken]))
  if (before !== null && before.digest !== digest) throw codedError('MODEL_RUN_OF_OTHER_PEOPLE')
  run.write(JSON.stringify({ snapshot: set.manifest.snapshot, digest } satisfies Note))
  return { set, interactions, persons: interactions.baskets.length }
}

/**
 * Registered first: what nobody knows of could not be found for who withdraws. Then, with nothing left to wait for before noise is
 * drawn, without whoever has left since they were read.
 */
async function lastLook(set: TrainingSet, house: Pick<House, 'ports' | 'registry'>): Promise<TrainingSet> {
  await house.registry.register(registered(idOf(set), set))
  const left = await whoLeft(pidsIn(set), set, house.ports)
  return left.length === 0 ? set : lastLook(withoutPeople(set, left), house)
}

const pidsIn = ({ rows }: Pick<TrainingSet, 'rows'>): readonly string[] => [
  ...new Set(rows.map(({ pid }) => pid)),
]

/** By person: the unit of privacy is one, under however many pids they came. */
const takenBy = (
  { rows }: TrainingSet,
  persons: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly Taken[]> => {
  const taken = new Map<string, Taken[]>()
  for (const { pid, label, at } of rows) {
    if (label === null) continue
    const person = persons.get(pid) ?? pid
    const own = taken.get(person)
    if (own) own.push({ item: label, at })
    else taken.set(person, [{ item: label, at }])
  }
  return taken
}

const idOf = ({ manifest }: TrainingSet): string => digestOf(JSON.stringify(manifest)).slice(0, 16)

interface About {
  readonly set: TrainingSet
  readonly persons: number
  readonly run: UnfinishedRun
  readonly budget: string
}

/** What stays in the house, and what of it may stand in the card. */
const lineageOf = ({
  set,
  persons,
  run,
  budget,
}: About): { readonly files: ReadonlyMap<string, string>; readonly receipts: BoundReceipts } => {
  const lines = asLines(set.receipts)
  const receipts = receiptsBeside(lines, run.key)
  const { manifest } = set
  const lineage: HouseLineage = {
    trainingSet: idOf(set),
    manifest,
    people: persons,
    budget,
    run: run.id,
    receipts,
  }
  return {
    files: new Map([
      [receipts.file, lines],
      ['lineage.json', `${JSON.stringify(lineage, null, 2)}\n`],
    ]),
    receipts: boundTo(receipts),
  }
}
