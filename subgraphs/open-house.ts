import type { Vocabulary } from '../directives/vocabulary.ts'
import type { Aggregates } from './aggregates/metric.ts'
import { catchUp } from './aggregates/people/follow-people.ts'
import type { Budget } from './budget/budget.ts'
import { codedError } from './coded-error.ts'
import type { TrainingPorts } from './features/training/training-ports.ts'
import { pidsNow } from './identity/pids-now.ts'
import type { OpenStores } from './open-stores.ts'
import type { ItemList } from './recommendations/train/read-items.ts'
import type { House } from './train-on-house.ts'

export interface HouseOptions {
  readonly ports: TrainingPorts
  readonly vocabulary: Vocabulary
  readonly budget: Budget
  readonly train: House['train']
}

/** The house as a training sees it, on the stores that it keeps. */
export const openHouse = (stores: OpenStores, options: HouseOptions): House => ({
  ...options,
  ledger: stores.aggregates.ledger,
  registry: stores.training,
  personsOf: personsIn(stores),
  catalogue: () => catalogueOf(stores),
  // Embedded stores are held by one process alone.
  isAlone: stores.leases.isForgetful,
})

/** Throws where the house declares none of this name. */
export function budgetIn({ budgets }: Pick<Aggregates, 'budgets'>, name: string): Budget {
  const budget = budgets.get(name)
  if (budget === undefined) throw codedError('MODEL_BUDGET_UNKNOWN', name)
  return budget
}

/** As numbers about cohorts have it: who was merged is one, also under pids that are gone. */
const personsIn =
  ({ aggregates: { people }, changes, identity }: OpenStores): House['personsOf'] =>
  async (pids) => {
    await catchUp(people, changes, (asked) => identity.look((graph) => pidsNow(graph, asked)))
    return people.personsOf(pids)
  }

async function catalogueOf({ recommendations }: OpenStores): Promise<ItemList> {
  const products = await recommendations.catalogue({ category: null, first: EVERYTHING })
  const categoryOf = new Map(products.map(({ sku, category }) => [sku, category]))
  const items = [...categoryOf.keys()].toSorted()
  const kinds = [...new Set(categoryOf.values())].toSorted()
  const categories = Int32Array.from(items, (item) => kinds.indexOf(categoryOf.get(item) ?? ''))
  return { items, categories: kinds.length > 1 ? categories : null }
}

const EVERYTHING = 1_000_000
