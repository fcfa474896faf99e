import type { RandomWords } from '../../privacy/noise/random-words.ts'
import type { BudgetLeft } from '../budget/budget.ts'
import type { BudgetLedger } from '../budget/ledger.ts'
import { type Bounded, createBounding } from './bound-contributions.ts'
import type { Cells } from './cells.ts'
import type { CohortEvents } from './cohort-events.ts'
import { contributionOf } from './contribution-of.ts'
import type { People } from './people/people.ts'
import { canonical, type ReadQuestion } from './question.ts'
import { refused } from './refusal.ts'
import { type Spending, spendingOf } from './release/noise.ts'
import { drawRelease, type Kind, readRelease } from './release/release.ts'

export interface AskPorts {
  readonly events: CohortEvents
  readonly people: Pick<People, 'personsOf'>
  /** Brings `people` up to date; throws where it cannot, and then nothing is read. */
  readonly catchUp: () => Promise<void>
  readonly ledger: BudgetLedger
  /** What the order of one person's events is drawn with. */
  readonly key: Uint8Array
  readonly words: RandomWords
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Called before the work and awaited after it, until a moment at which answers are given: how long it took is not told. */
  readonly pace: () => () => Promise<void>
}

/** What of an event is counted, and what is shown of it. `name` stands for it in the ledger. */
export interface Asked<Shown> {
  readonly name: string
  readonly cells: Pick<Cells, 'cellOf'>
  readonly kind: Kind<Shown>
}

export interface Released<Shown> {
  readonly shown: Shown
  /** Too few people, by the noisy count of them: nothing of it may be shown. */
  readonly isSmall: boolean
  readonly spending: Spending
}

/**
 * Charged before anything is read, noisy before it leaves this function, kept before it is answered. Who is killed in between has
 * spent what was reserved: it cannot be known what was seen of it.
 */
export async function askCohort<Shown>(
  question: ReadQuestion,
  asked: Asked<Shown>,
  ports: AskPorts,
): Promise<Released<Shown>> {
  const { metric, budget, epsilon, snapshot } = question
  const { kind } = asked
  const spending = spendingOf(metric.mechanism, epsilon, budget.delta)
  if (spending === null) throw refused('EPSILON_INVALID', 'epsilon')
  await catchUpOrRefuse(ports)
  const reservation = await ports.ledger.reserve({
    budget,
    charge: spending.charge,
    query: canonical(question, asked.name),
    snapshot: new Date(snapshot).toISOString(),
    now: ports.clock(),
  })
  if (reservation.kind === 'refused') throw refused('BUDGET_SPENT', placeOf(reservation.limit))
  if (reservation.kind === 'under way') throw refused('AGGREGATE_UNDER_WAY', 'metric')
  const kept =
    reservation.kind === 'answered'
      ? reservation.answer
      : await release(question, asked, { ...ports, spending, reservation: reservation.id })
  const noisy = readRelease(kind.parts, kept, spending)
  const audience = noisy[0]?.values[0] ?? 0
  return { shown: kind.shown(noisy), isSmall: audience < metric.suppressBelow, spending }
}

const catchUpOrRefuse = async ({ catchUp }: AskPorts): Promise<void> => {
  try {
    await catchUp()
  } catch {
    throw refused('AGGREGATES_NOT_CURRENT', 'who is one person')
  }
}

const placeOf = ({ days, epsilon, left }: BudgetLeft): string =>
  `ε ${shownDown(left)} of ${epsilon} left ${days === null ? 'for ever' : `within ${days} ${days === 1 ? 'day' : 'days'}`}`

/** Never more than there is. */
const shownDown = (left: number): string => String(Math.floor(left * 1000) / 1000)

type Releasing = AskPorts & { readonly spending: Spending; readonly reservation: string }

async function release<Shown>(
  question: ReadQuestion,
  { cells, kind }: Asked<Shown>,
  ports: Releasing,
): Promise<string> {
  const untilStep = ports.pace()
  const people = await boundedPeople(question, cells, ports)
  const kept = drawRelease(kind.parts, people, ports)
  await ports.ledger.settle(ports.reservation, kept)
  await untilStep()
  return kept
}

const PAGE = 5_000
const MOST_READINGS = 3

/**
 * Each page is of those alone whose consent holds when it is read. Who withdraws between two pages would be counted by what
 * the first one said: then everything is read again, and where that does not help nothing is answered.
 */
async function boundedPeople(
  question: ReadQuestion,
  cells: Pick<Cells, 'cellOf'>,
  ports: Releasing,
): Promise<Bounded> {
  for (let reading = 0; reading < MOST_READINGS; reading += 1) {
    const turn = ports.events.turn?.()
    // oxlint-disable-next-line no-await-in-loop -- one reading after the other
    const { bounding, pages } = await readWindow(question, cells, ports)
    if (pages > 1 && ports.events.turn?.() !== turn) continue
    // Who is one person is asked once: who becomes another one between two pages would count as both.
    // oxlint-disable-next-line no-await-in-loop -- once
    return bounding.bounded(await ports.people.personsOf(bounding.pids()))
  }
  throw refused('AGGREGATES_NOT_CURRENT', 'what holds of consent')
}

/** The whole window is read, whatever the cohort is: how long that takes says nothing about the size of the cohort. */
async function readWindow(
  { metric, cohort, from, to, snapshot }: ReadQuestion,
  cells: Pick<Cells, 'cellOf'>,
  { events, key }: Releasing,
): Promise<{ readonly bounding: ReturnType<typeof createBounding>; readonly pages: number }> {
  const bounding = createBounding(metric.contributions, key)
  const asked = { type: metric.event, from, to, receivedBefore: snapshot }
  for (let [after, pages] = ['0', 1]; ; pages += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each page starts where the last one ended
    const page = await events.ofType(asked, { after, limit: PAGE })
    for (const event of page) {
      const contribution = contributionOf(event, { metric, cohort, cells })
      if (contribution !== null && event.scope === metric.scope) bounding.add(event.pid, contribution)
    }
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return { bounding, pages }
    after = last.position
  }
}
