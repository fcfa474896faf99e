import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import type { Budget } from '../../subgraphs/budget/budget.ts'
import { createMemoryLedger } from '../../subgraphs/budget/memory-ledger.ts'
import { createMemoryTrainingRegistry } from '../../subgraphs/features/training/memory-registry.ts'
import type { TrainingRegistry } from '../../subgraphs/features/training/training-registry.ts'
import { type PreparedTraining, trainPrepared } from '../../subgraphs/recommendations/train/train-prepared.ts'
import type { House, HouseTraining } from '../../subgraphs/train-on-house.ts'
import { DAY, NOON, openTrainingDesk, type TrainingDesk } from './training-desk.ts'

/** A house with people in it who bought things, and a budget. */
export interface HouseDesk {
  readonly desk: TrainingDesk
  readonly house: House
  readonly registry: TrainingRegistry
  readonly budget: Budget
  /** What trainers were given. */
  readonly given: PreparedTraining[]
  /** How often people, their events or their consent were read. */
  reads: number
  /** Which pids lead to another person. */
  readonly merged: Map<string, string>
  /** What a trainer says on its way; throws where it is to die. */
  said: (what: string) => void
  readonly asked: (more?: Partial<HouseTraining>) => HouseTraining
  readonly spent: () => Promise<number>
  readonly place: (name: string) => string
  readonly close: () => void
}

const budget: Budget = { name: 'events/model_training', delta: 1e-5, lifetime: 4, windows: [] }
const KINDS = 3

export const itemOf = (number: number): string => `i${String(number).padStart(2, '0')}`

/** Sixty people of three tastes, of thirty items, who agreed long ago. */
export async function openHouseDesk(more: Partial<House> = {}): Promise<HouseDesk> {
  const folder = mkdtempSync(join(tmpdir(), 'house-'))
  const desk = openTrainingDesk()
  const registry = createMemoryTrainingRegistry()
  for (let person = 0; person < 60; person += 1) {
    const pid = `p${String(person).padStart(2, '0')}`
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await desk.say(pid, 'product_recs', 'given', NOON - 300 * DAY)
    for (let step = 0; step < 6; step += 1)
      buys(desk, pid, itemOf((person % KINDS) * 10 + ((person + step * step) % 10)), 200 - step)
  }
  const open: HouseDesk = {
    desk,
    registry,
    budget,
    given: [],
    reads: 0,
    merged: new Map(),
    said: () => {},
    house: {
      ledger: createMemoryLedger(),
      budget,
      ports: {
        ...desk,
        events: {
          ...desk.events,
          of: (...asked) => ((open.reads += 1), desk.events.of(...asked)),
          people: (...asked) => ((open.reads += 1), desk.events.people(...asked)),
        },
        historyUpTo: (revision) => ((open.reads += 1), desk.historyUpTo(revision)),
      },
      vocabulary: standardVocabulary,
      registry,
      personsOf: async (pids) => new Map(pids.map((pid) => [pid, open.merged.get(pid) ?? pid])),
      catalogue: async () => ({ items: Array.from({ length: 30 }, (_, at) => itemOf(at)), categories: null }),
      isAlone: true,
      async train(prepared) {
        open.given.push(prepared)
        return trainPrepared(prepared, (_done, _total, what) => open.said(what))
      },
      ...more,
    },
    asked: (also = {}) => ({
      spec: { name: 'items', purpose: 'model_training', consent: 'then-and-now', feature: 'bought' },
      output: join(folder, 'model'),
      epsilon: 1.5,
      delta: 1e-5,
      trainer: 'co-occurrence',
      testSeed: null,
      ...also,
    }),
    spent: async () => (await open.house.ledger.left(budget, desk.now))[0]?.spent ?? Number.NaN,
    place: (name) => join(folder, name),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
  return open
}

export const buys = (desk: TrainingDesk, pid: string, item: string, daysAgo: number): void =>
  desk.did(pid, 'purchase', NOON - daysAgo * DAY, { data: { sku: item } })
