import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { codedError } from '../../coded-error.ts'

/** What training may give away about the people of one file, and what it has. */
interface Ledger {
  readonly budget: { readonly epsilon: number; readonly delta: number }
  readonly spent: readonly Spending[]
}

interface Spending {
  readonly run: string
  readonly epsilon: number
  readonly delta: number
  readonly at: string
}

export interface LedgerPlace {
  readonly file: string
  /** ε, for a ledger that is not there yet; one that is there keeps its own. */
  readonly budget: number
}

/**
 * ε of runs adds up, and so does δ: the one sum that holds for trainings of every kind (Dwork and Roth 2014, theorem 3.16). A run that
 * is written down has paid.
 */
export const mustFit = (place: LedgerPlace, { run, ...cost }: Omit<Spending, 'at'>): void => {
  const { budget, spent } = ledgerAt(place)
  if (spent.some((one) => one.run === run)) return
  for (const [name, sign] of [
    ['epsilon', 'ε'],
    ['delta', 'δ'],
  ] as const) {
    const left = budget[name] - spent.reduce((all, one) => all + one[name], 0)
    if (!(cost[name] <= left + ROUNDING * budget[name]))
      throw codedError('MODEL_BUDGET_SPENT', `${sign} ${left.toPrecision(3)} of ${budget[name]} is left`)
  }
}

/** What is left for those whose data this ledger is about. */
export const leftIn = (place: LedgerPlace): { readonly left: number; readonly of: number } => {
  const { budget, spent } = ledgerAt(place)
  const sum = spent.reduce((all, one) => all + one.epsilon, 0)
  return { left: Math.max(0, budget.epsilon - sum), of: budget.epsilon }
}

/** Before anything is drawn. A run that is resumed was written down when it began. */
export const spend = (place: LedgerPlace, { run, epsilon, delta }: Omit<Spending, 'at'>): void => {
  const lock = `${place.file}.lock`
  const held = hold(lock)
  try {
    mustFit(place, { run, epsilon, delta })
    const { budget, spent } = ledgerAt(place)
    if (spent.some((one) => one.run === run)) return
    const next: Ledger = { budget, spent: [...spent, { run, epsilon, delta, at: new Date().toISOString() }] }
    writeFileSync(`${place.file}.part`, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600, flush: true })
    renameSync(`${place.file}.part`, place.file)
  } finally {
    closeSync(held)
    rmSync(lock, { force: true })
  }
}

/** Of the whole: of floating point alone. */
const ROUNDING = 1e-9

/** Of a new ledger, and of one that was begun when δ was not counted: ten trainings with the δ that is taken when none is named. */
const DELTA = 1e-4

/** Two at once would each find room for itself. */
const hold = (lock: string): number => {
  try {
    return openSync(lock, 'wx')
  } catch (problem) {
    const code = (problem as { code?: string }).code
    throw codedError('MODEL_LEDGER_UNREADABLE', code === 'EEXIST' ? `${lock} is there` : `${lock}: ${code}`)
  }
}

const ledgerAt = ({ file, budget }: LedgerPlace): Ledger => {
  if (!existsSync(file)) return { budget: { epsilon: budget, delta: DELTA }, spent: [] }
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Ledger
    const { epsilon: allowed, delta: lost = DELTA } = found.budget as Partial<Ledger['budget']>
    const numbers = [allowed, lost, ...found.spent.flatMap(({ epsilon, delta }) => [epsilon, delta])]
    if (!numbers.every((value) => Number.isFinite(value) && Number(value) > 0))
      throw new RangeError('no number')
    return { ...found, budget: { epsilon: Number(allowed), delta: lost } }
  } catch {
    throw codedError('MODEL_LEDGER_UNREADABLE', file)
  }
}
