import { describe, expect, test } from 'vitest'
import { type Answered, createIntake, type IntakeOptions } from '../../subgraphs/events/entrance/intake.ts'
import {
  createFailures,
  takeMessages,
  type TakingTerms,
} from '../../subgraphs/events/entrance/take-messages.ts'
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
      key: one.line.toString(),
      sent: one,
      ack: () => void answers.push(`${one.line.toString()} ack`),
      nak: (ms: number) => void answers.push(`${one.line.toString()} nak ${ms}`),
    }))
    return { answers, messages }
  }

  /** What takes them, beside the queue: neighbours that answer, and a quarantine that keeps. */
  const termsOf = (flow: IntakeOptions['flow'], more: Partial<IntakeOptions> = {}) => {
    const world = { isAway: false, givenUp: [] as string[], told: [] as string[] }
    const terms: TakingTerms = {
      intake: intakeOf(flow, more),
      flow: {
        async tryNeighbours() {
          if (world.isAway) throw new Error('away')
        },
        async giveUp({ line }) {
          if (world.isAway) throw new Error('away')
          world.givenUp.push(line.toString())
          const fault = { code: 'EVENT_NOT_JUDGED', stage: 'store', place: null } as const
          return { outcome: 'quarantined', eventId: null, fault, id: 'kept' }
        },
      },
      failures: createFailures(1_000),
      maxDeliveries: 3,
      pauseMs: 50,
      onGivenUp: ({ key }, cause) => void world.told.push(`${key}: ${(cause as Error).message}`),
    }
    return { world, terms }
  }
  const refusing = (isBad: (name: string) => boolean) =>
    flowOf((names) => {
      if (names.some(isBad)) throw new Error('cannot be judged')
    })
  const deliver = async (terms: TakingTerms, ...names: readonly string[]): Promise<readonly string[]> => {
    const { messages, answers } = messagesOf(...names)
    await takeMessages(messages, terms).catch((error: unknown) =>
      answers.push(`throws ${(error as Error).message}`),
    )
    return answers.toSorted()
  }

  test('are answered one by one: who cannot be judged comes again, and brings nobody else', async () => {
    const flow = refusing((name) => name === 'bad')
    const { messages, answers } = messagesOf('a', 'bad', 'b')
    expect(await takeMessages(messages, termsOf(flow).terms)).toBe(1)
    expect(answers.toSorted()).toEqual(['a ack', 'b ack', 'bad nak 50'])
    expect(flow.passes[0]).toEqual(['a', 'bad', 'b'])
  })

  test('come again when the queue is full, and when nobody answers', async () => {
    expect(await deliver(termsOf(flowOf(), { mostWaiting: 1 }).terms, 'a', 'b')).toEqual([
      'a ack',
      'b nak 50',
    ])
    const { terms, world } = termsOf(refusing(() => true))
    world.isAway = true
    const again = ['a nak 50', 'b nak 50', 'throws cannot be judged']
    for (let delivery = 0; delivery < 10; delivery += 1)
      // oxlint-disable-next-line no-await-in-loop -- one delivery after the other
      expect(await deliver(terms, 'a', 'b')).toEqual(again)
    expect(world.givenUp).toEqual([])
  })

  test('that fail again and again while others are taken come later each time, and are given up at last', async () => {
    const { terms, world } = termsOf(refusing((name) => name === 'bad'))
    expect(await deliver(terms, 'a', 'bad')).toEqual(['a ack', 'bad nak 50'])
    expect(await deliver(terms, 'bad', 'b')).toEqual(['b ack', 'bad nak 100'])
    expect(world.givenUp).toEqual([])
    expect(await deliver(terms, 'c', 'bad')).toEqual(['bad ack', 'c ack'])
    expect(world).toMatchObject({ givenUp: ['bad'], told: ['bad: cannot be judged'] })
  })

  test('that come alone are given up, too, if others could be judged', async () => {
    const { terms, world } = termsOf(refusing(() => true))
    expect(await deliver(terms, 'bad')).toEqual(['bad nak 50'])
    expect(await deliver(terms, 'bad')).toEqual(['bad nak 100'])
    expect(await deliver(terms, 'bad')).toEqual(['bad ack'])
    expect(world.givenUp).toEqual(['bad'])
  })

  test('are not held to deliveries at which a neighbour was away, or consent was not current', async () => {
    let cause: () => Error = () => new Error('cannot be judged')
    const flow = flowOf((names) => {
      if (names.includes('bad')) throw cause()
    })
    const { terms, world } = termsOf(flow)
    world.isAway = true
    for (let delivery = 0; delivery < 5; delivery += 1)
      // oxlint-disable-next-line no-await-in-loop -- one delivery after the other
      expect(await deliver(terms, 'a', 'bad')).toEqual(['a ack', 'bad nak 50'])
    world.isAway = false
    cause = () => new ConsentNotCurrent()
    for (let delivery = 0; delivery < 5; delivery += 1)
      // oxlint-disable-next-line no-await-in-loop
      expect(await deliver(terms, 'bad')).toEqual(['bad nak 50'])
    expect(world.givenUp).toEqual([])
    expect(terms.failures.of('bad')).toBe(0)
  })

  test('are tried alone before they are given up: who only shared the fate of others is taken', async () => {
    const flow = flowOf((names) => {
      // One after the other cannot be judged, as long as more than one is on its way.
      if (names.length > 1 || (names.includes('bad') && flow.passes.length < 4)) throw new Error('together')
    })
    const { terms, world } = termsOf(flow)
    for (const name of ['a', 'bad', 'bad']) terms.failures.count(name)
    expect(await deliver(terms, 'a', 'bad')).toEqual(['a ack', 'bad ack'])
    expect(world.givenUp).toEqual([])
    expect([terms.failures.of('a'), terms.failures.of('bad')]).toEqual([0, 0])
  })

  test('that cannot be kept anywhere are not acknowledged', async () => {
    const { terms } = termsOf(refusing((name) => name === 'bad'))
    const failing: TakingTerms = {
      ...terms,
      maxDeliveries: 1,
      flow: {
        ...terms.flow,
        async giveUp() {
          throw new Error('quarantine is full')
        },
      },
    }
    expect(await deliver(failing, 'a', 'bad')).toEqual(['a ack', 'bad nak 50'])
  })

  test('of which too many fail are forgotten from the first on: what is remembered has an end', () => {
    const failures = createFailures(2)
    expect(['a', 'b', 'b', 'c'].map((key) => failures.count(key))).toEqual([1, 1, 2, 1])
    expect(['a', 'b', 'c'].map((key) => failures.of(key))).toEqual([0, 2, 1])
  })
})
