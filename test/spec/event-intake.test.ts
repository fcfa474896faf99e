import { describe, expect, test } from 'vitest'
import { type Answered, createIntake, type IntakeOptions } from '../../subgraphs/events/entrance/intake.ts'
import { takeMessages } from '../../subgraphs/events/entrance/take-messages.ts'
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

const told = async (promise: Promise<readonly Answered[]> | null) =>
  promise?.then(
    (answers) =>
      answers.map((one) => (one.outcome === 'unjudged' ? (one.error as Error).message : one.eventId)),
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

  test('keeps one bad line from failing the others, of its own batch and of those that shared its pass', async () => {
    const flow = flowOf((names) => {
      if (names.includes('bad')) throw new Error('cannot be judged')
    })
    const intake = intakeOf(flow)
    const sent = [lines('a'), lines('b', 'bad'), lines('c'), lines('d')]
    expect(await Promise.all(sent.map((some) => told(intake.submit(some))))).toEqual([
      ['a'],
      ['b', 'cannot be judged'],
      ['c'],
      ['d'],
    ])
    expect(intake.waiting()).toBe(0)
  })

  test('takes everybody behind several in a row that cannot be judged, in the order they came', async () => {
    const flow = flowOf((names) => {
      if (names.some((name) => name.startsWith('bad'))) throw new Error('cannot be judged')
    })
    const intake = intakeOf(flow)
    const names = [
      'a',
      'bad1',
      'bad2',
      'bad3',
      'bad4',
      'b',
      'c',
      'bad5',
      'd',
      'e',
      'f',
      'g',
      'h',
      'i',
      'j',
      'k',
    ]
    const answers = await Promise.all(names.map((name) => told(intake.submit(lines(name)))))
    expect(answers).toEqual(names.map((name) => (name.startsWith('bad') ? 'cannot be judged' : [name])))
    const taken = flow.passes.filter((some) => !some.some((name) => name.startsWith('bad')))
    expect(taken.flat()).toEqual(names.filter((name) => !name.startsWith('bad')))
    expect(intake.waiting()).toBe(0)
  })

  test('does not try each when nothing answers: after so many failures in a row all are given back', async () => {
    const flow = flowOf(() => {
      throw new Error('away')
    })
    const intake = intakeOf(flow)
    const sent = Array.from({ length: 64 }, (_, number) => told(intake.submit(lines(`e${number}`))))
    expect(await Promise.all(sent)).toEqual(sent.map(() => 'away'))
    expect(flow.passes).toHaveLength(15)
    expect(intake.waiting()).toBe(0)
  })

  test('gives all back at once when consent is not current behind one that cannot be judged', async () => {
    const flow = flowOf((names) => {
      if (!names.includes('bad')) throw new ConsentNotCurrent()
      throw new Error('cannot be judged')
    })
    const intake = intakeOf(flow)
    const answers = await Promise.all(['bad', 'b', 'c', 'd'].map((name) => told(intake.submit(lines(name)))))
    const notCurrent = new ConsentNotCurrent().message
    expect(answers).toEqual(['cannot be judged', notCurrent, notCurrent, notCurrent])
    expect(flow.passes.filter((some) => !some.includes('bad'))).toEqual([['b'], ['b'], ['b']])
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

describe('Messages of a subject', () => {
  const messagesOf = (...names: readonly string[]) => {
    const answers: string[] = []
    const messages = lines(...names).map((one) => ({
      sent: one,
      ack: () => void answers.push(`${one.line.toString()} ack`),
      nak: (ms: number) => void answers.push(`${one.line.toString()} nak ${ms}`),
    }))
    return { answers, messages }
  }

  test('are answered one by one: who cannot be judged comes again, and brings nobody else', async () => {
    const flow = flowOf((names) => {
      if (names.includes('bad')) throw new Error('cannot be judged')
    })
    const { messages, answers } = messagesOf('a', 'bad', 'b')
    expect(await takeMessages(messages, intakeOf(flow), 50)).toBe(1)
    expect(answers.toSorted()).toEqual(['a ack', 'b ack', 'bad nak 50'])
    expect(flow.passes[0]).toEqual(['a', 'bad', 'b'])
  })

  test('come again when the queue is full, and when nobody answers', async () => {
    const full = messagesOf('a', 'b')
    expect(await takeMessages(full.messages, intakeOf(flowOf(), { mostWaiting: 1 }), 50)).toBe(0)
    expect(full.answers.toSorted()).toEqual(['a ack', 'b nak 50'])
    const away = messagesOf('a', 'b')
    const flow = flowOf(() => {
      throw new Error('away')
    })
    await expect(takeMessages(away.messages, intakeOf(flow), 50)).rejects.toThrow('away')
    expect(away.answers.toSorted()).toEqual(['a nak 50', 'b nak 50'])
  })
})
