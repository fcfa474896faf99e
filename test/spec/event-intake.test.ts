import { describe, expect, test } from 'vitest'
import { createIntake, type IntakeOptions } from '../../subgraphs/events/entrance/intake.ts'
import { ConsentNotCurrent } from '../../subgraphs/events/event-store.ts'
import type { Outcome, SentLine } from '../../subgraphs/events/flow.ts'

const lines = (...names: readonly string[]): SentLine[] =>
  names.map((name) => ({ source: 'shop', line: Buffer.from(name) }))

/** A flow that takes every line but those that `refuse` throws for, and remembers what came together. */
const flowOf = (refuse: (names: readonly string[]) => void = () => {}) => {
  const passes: string[][] = []
  const take = async (sent: readonly SentLine[]): Promise<readonly Outcome[]> => {
    const names = sent.map(({ line }) => line.toString())
    passes.push(names)
    refuse(names)
    return names.map((eventId) => ({ outcome: 'stored', eventId, position: eventId }))
  }
  return { take, passes }
}

const intakeOf = (flow: IntakeOptions['flow'], more: Partial<IntakeOptions> = {}) =>
  createIntake({ flow, mostWaiting: 1_000, together: 100, ...more })

const told = async (promise: Promise<readonly Outcome[]> | null) =>
  promise?.then(
    (outcomes) => outcomes.map(({ eventId }) => eventId),
    (error: unknown) => (error as Error).message,
  )

describe('The queue between the entrances and the flow', () => {
  test('lets those who come meanwhile share a pass, each answered with their own', async () => {
    const flow = flowOf()
    const intake = intakeOf(flow)
    const answers = await Promise.all([lines('a', 'b'), lines('c')].map((some) => told(intake.submit(some))))
    expect(answers).toEqual([['a', 'b'], ['c']])
    expect(intake.isBusy()).toBe(true)
    expect(flow.passes).toEqual([['a', 'b', 'c']])
    expect(intake.waiting()).toBe(0)
  })

  test('keeps one bad batch from failing the others that shared its pass', async () => {
    const flow = flowOf((names) => {
      if (names.includes('bad')) throw new Error('cannot be judged')
    })
    const intake = intakeOf(flow)
    const sent = [lines('a'), lines('b', 'bad'), lines('c'), lines('d')]
    expect(await Promise.all(sent.map((some) => told(intake.submit(some))))).toEqual([
      ['a'],
      'cannot be judged',
      ['c'],
      ['d'],
    ])
    expect(intake.waiting()).toBe(0)
  })

  test('does not try each when nothing answers: two in a row fail for all behind them', async () => {
    const flow = flowOf(() => {
      throw new Error('away')
    })
    const intake = intakeOf(flow)
    const sent = ['a', 'b', 'c', 'd', 'e'].map((name) => told(intake.submit(lines(name))))
    expect(await Promise.all(sent)).toEqual(['away', 'away', 'away', 'away', 'away'])
    expect(flow.passes).toHaveLength(3)
  })

  test('waits for consent to be current in place of sending everybody back, and gives up some time', async () => {
    let isCurrent = false
    let waited = 0
    const untilCurrent = async () => {
      waited += 1
      if (waited === 2) isCurrent = true
    }
    const flow = flowOf(() => {
      if (!isCurrent) throw new ConsentNotCurrent()
    })
    expect(await told(intakeOf(flow, { untilCurrent }).submit(lines('a')))).toEqual(['a'])
    expect(flow.passes).toEqual([['a'], ['a']])
    const never = flowOf(() => {
      throw new ConsentNotCurrent()
    })
    expect(await told(intakeOf(never).submit(lines('a')))).toBe(new ConsentNotCurrent().message)
    expect(never.passes).toHaveLength(3)
  })

  test('is never longer than it may be, but takes a batch of any size when nothing waits', async () => {
    const intake = intakeOf(flowOf(), { mostWaiting: 3 })
    const large = intake.submit(lines('a', 'b', 'c', 'd'))
    expect(intake.submit(lines('e'))).toBeNull()
    expect(await told(large)).toEqual(['a', 'b', 'c', 'd'])
    expect(await told(intake.submit(lines('e')))).toEqual(['e'])
  })

  test('begins with small passes, and takes larger ones as far as they are quick', async () => {
    const passes: number[] = []
    const flow = {
      async take(sent: readonly SentLine[]): Promise<readonly Outcome[]> {
        passes.push(sent.length)
        return sent.map(() => ({ outcome: 'stored', eventId: 'e', position: '1' }))
      },
    }
    const names = Array.from({ length: 3_000 }, (_, number) => `e${number}`)
    const intake = createIntake({ flow, mostWaiting: 10_000, together: 1_000 })
    expect(await intake.submit(lines(...names))).toHaveLength(3_000)
    expect(passes[0]).toBe(500)
    expect(Math.max(...passes)).toBeGreaterThan(600)
    expect(Math.max(...passes)).toBeLessThanOrEqual(1_000)
  })
})
