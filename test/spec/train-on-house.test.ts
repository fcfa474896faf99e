import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mustRebuild } from '../../subgraphs/features/training/training-registry.ts'
import type { HouseLineage } from '../../subgraphs/house-lineage.ts'
import { LEASE_MS } from '../../subgraphs/keep-lease.ts'
import { readModel, writeModel } from '../../subgraphs/recommendations/train/model-files.ts'
import { boundTo } from '../../subgraphs/recommendations/train/receipts-beside.ts'
import { publishModel } from '../../subgraphs/publish-model.ts'
import { trainOnHouse } from '../../subgraphs/train-on-house.ts'
import { buys, type HouseDesk, itemOf, openHouseDesk } from '../support/house-desk.ts'
import { DAY, NOON } from '../support/training-desk.ts'

let open: HouseDesk
beforeEach(async () => {
  open = await openHouseDesk()
})
afterEach(() => open.close())

const code = (wanted: string) => expect.objectContaining({ extensions: { code: wanted } })
const train = (more: Parameters<HouseDesk['asked']>[0] = {}) => trainOnHouse(open.asked(more), open.house)
const dieAt = (step: string): void => {
  open.said = (what) => {
    if (what.startsWith(step)) throw new Error('killed')
  }
}
const lives = (): void => {
  open.said = () => {}
}
/** Which items each person took, as the trainer was given them. */
const baskets = (): readonly (readonly string[])[] =>
  open.given
    .at(-1)
    ?.interactions.baskets.map((own) =>
      [...own].map((place) => open.given.at(-1)?.interactions.items[place] ?? ''),
    ) ?? []
const of = (directory: string, name: string): string => readFileSync(join(directory, name), 'utf8')

describe('A model of the house', () => {
  test('is charged to its budget, and says what it cost; who was in it stays beside it', async () => {
    const card = await train()
    expect(readModel(open.place('model'), 'serving').card).toEqual(card)
    expect(card.privacy).toMatchObject({ unit: 'one person', epsilon: expect.closeTo(1.5, 3), delta: 1e-5 })
    expect(await open.spent()).toBeCloseTo(card.privacy.epsilon, 1)
    expect(existsSync(open.place('model/.run'))).toBe(false)
    const lineage = JSON.parse(of(open.place('model'), 'lineage.json')) as HouseLineage
    const receipts = of(open.place('model'), 'receipts.ndjson').trim().split('\n')
    expect([receipts.length > 60, lineage.people, lineage.receipts.count]).toEqual([true, 60, 60])
    expect(card.source.receipts).toEqual(boundTo(lineage.receipts))
    expect(card.source.receipts?.file).toBe('receipts.ndjson')
    expect(JSON.stringify(card)).not.toContain(lineage.receipts.digest)
    expect(await open.registry.peopleOf(lineage.trainingSet)).toHaveLength(60)
  })

  test('that the budget does not hold is refused before anything is read of anybody', async () => {
    await train()
    await train({ output: open.place('second') })
    const [reads, spent] = [open.reads, await open.spent()]
    await expect(train({ output: open.place('third'), epsilon: 3.9 })).rejects.toEqual(
      code('MODEL_BUDGET_SPENT'),
    )
    expect([open.reads, await open.spent(), open.given.length]).toEqual([reads, spent, 2])
    expect(existsSync(open.place('third'))).toBe(false)
  })

  test('is not begun by two at once where there is room for one', async () => {
    const both = await Promise.allSettled(
      ['a', 'b'].map((name) => train({ output: open.place(name), epsilon: 3.5 })),
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(open.given).toHaveLength(1)
    expect(await open.spent()).toBeLessThanOrEqual(open.budget.lifetime)
  })

  test.each([
    ['of sessions, which have no items', { feature: 'sessions' }, 'TRAINING_FEATURE_WITHOUT_ITEMS'],
    ['of a feature nobody defined', { feature: 'colour' }, 'TRAINING_FEATURE_UNKNOWN'],
    ['for a purpose it is not for', { purpose: 'marketing' }, 'TRAINING_PURPOSE_NOT_ALLOWED'],
    ['for a purpose nobody knows', { purpose: 'fun' }, 'TRAINING_SPEC_INVALID'],
  ])('%s costs and reads nothing', async (_, more, wanted) => {
    await expect(train({ spec: { ...open.asked().spec, ...more } })).rejects.toEqual(code(wanted))
    expect([open.reads, await open.spent(), existsSync(open.place('model'))]).toEqual([0, 0, false])
  })

  test('into a place that cannot be made costs and reads nothing', async () => {
    await expect(train({ output: '/proc/model' })).rejects.toEqual(code('MODEL_OUTPUT_UNWRITABLE'))
    expect([open.reads, await open.spent()]).toEqual([0, 0])
  })

  test('of the same seed is the same to the byte', async () => {
    const [one, two] = [open.place('one'), open.place('two')]
    const cards = [await train({ output: one, testSeed: 7 }), await train({ output: two, testSeed: 7 })]
    expect(cards[0]).toEqual(cards[1])
    for (const file of ['items.f32', 'items.json', 'model.json', 'receipts.ndjson'])
      expect(of(one, file)).toBe(of(two, file))
  })

  test('that samples is reserved by ε and δ, and costs the steps it took', async () => {
    const charges: unknown[] = []
    const { ledger } = open.house
    const watched = {
      ...ledger,
      reserve: (one: Parameters<typeof ledger.reserve>[0]) => (charges.push(one.charge), ledger.reserve(one)),
      settle: (...[id, answer, really]: Parameters<typeof ledger.settle>) => (
        charges.push(really),
        ledger.settle(id, answer, really)
      ),
    }
    const card = await trainOnHouse(open.asked({ trainer: 'gradient', delta: 1e-6 }), {
      ...open.house,
      ledger: watched,
    })
    const { steps = 0, samplingRate, noiseMultiplier } = card.privacy.releases[1] ?? {}
    expect(steps).toBeGreaterThan(20)
    expect(charges).toEqual([
      { kind: 'approximate', epsilon: 1.5, delta: 1e-6 },
      [
        expect.objectContaining({ kind: 'concentrated' }),
        { kind: 'steps', samplingRate, noiseMultiplier, steps },
        expect.objectContaining({ kind: 'concentrated' }),
      ],
    ])
    expect(await open.spent()).toBeLessThan(1.5)
  })
})

describe('What a model of the house is learned of', () => {
  const agreed = async (pid: string, daysAgo: number): Promise<void> =>
    open.desk.say(pid, 'product_recs', 'given', NOON - daysAgo * DAY)

  beforeEach(() => {
    const { house } = open
    Object.assign(house, {
      catalogue: async () => ({
        items: [...Array.from({ length: 30 }, (_, at) => itemOf(at)), 'ada', 'bo', 'cyd', 'dee', 'old'],
        categories: null,
      }),
    })
    for (const pid of ['ada', 'bo', 'cyd', 'dee']) buys(open.desk, pid, pid, 20)
  })

  test('is what people bought who had agreed then, and agree now', async () => {
    await agreed('bo', 10)
    await agreed('cyd', 100)
    await open.desk.say('cyd', 'product_recs', 'withdrawn', NOON - DAY)
    await agreed('dee', 100)
    await train()
    expect(baskets()).toHaveLength(61)
    expect(baskets().flat()).toContain('dee')
    for (const nobody of ['ada', 'bo', 'cyd']) expect(baskets().flat()).not.toContain(nobody)
    expect(of(open.place('model'), 'receipts.ndjson')).not.toMatch(/"(ada|bo|cyd)"/)
  })

  test('is without who is erased, without what is not sold any more, and no older than the feature is', async () => {
    for (const pid of ['cyd', 'dee']) await agreed(pid, 500)
    await open.desk.erase('cyd')
    buys(open.desk, 'dee', 'not sold', 20)
    buys(open.desk, 'dee', 'old', 366)
    await train()
    expect(baskets().filter((own) => own.includes('dee'))).toEqual([['dee']])
    expect(baskets().flat()).not.toContain('cyd')
  })

  test.each([
    ['withdraws', (pid: string) => open.desk.say(pid, 'product_recs', 'withdrawn', NOON)],
    ['is erased', (pid: string) => open.desk.erase(pid)],
  ])('is without who %s after they were read, until nothing is waited for before noise', async (_, leave) => {
    const { house } = open
    const { personsOf, registry } = house
    Object.assign(house, {
      personsOf: async (pids: readonly string[]) => {
        await leave('p07')
        return personsOf(pids)
      },
      registry: {
        // Another one leaves while those who were read are written down.
        register: async (...set: Parameters<typeof registry.register>) => {
          await registry.register(...set)
          await leave('p08')
        },
      },
    })
    const card = await train()
    expect(baskets()).toHaveLength(58)
    expect(of(open.place('model'), 'receipts.ndjson')).not.toMatch(/"p0[78]"/)
    expect(card.source.receipts).toEqual(
      boundTo((JSON.parse(of(open.place('model'), 'lineage.json')) as HouseLineage).receipts),
    )
  })

  test('is people: two pids that are one person are one unit of privacy', async () => {
    for (const pid of ['cyd', 'dee']) await agreed(pid, 100)
    open.merged.set('cyd', 'dee')
    await train()
    expect(baskets()).toHaveLength(61)
    expect(baskets().filter((own) => own.includes('dee'))).toEqual([['cyd', 'dee']])
  })
})

describe('A training of the house that is killed', () => {
  test('has spent what it reserved, and goes on by the same words without paying again', async () => {
    const whole = await train({ output: open.place('whole'), testSeed: 5 })
    const spent = await open.spent()
    dieAt('spectrum')
    await expect(train({ testSeed: 5 })).rejects.toThrow('killed')
    const twice = await open.spent()
    expect(twice).toBeGreaterThan(spent + 0.4)
    expect(existsSync(open.place('model/model.json'))).toBe(false)
    lives()
    open.desk.now += 3 * DAY
    expect(await train({ testSeed: 5 })).toEqual(whole)
    expect(await open.spent()).toBe(twice)
  })

  test('stays spent when it is given up, and a new one is charged anew', async () => {
    dieAt('spectrum')
    await expect(train({ output: open.place('one') })).rejects.toThrow('killed')
    const once = await open.spent()
    lives()
    await train({ output: open.place('two') })
    expect(await open.spent()).toBeGreaterThan(once + 0.4)
  })

  test('does not go on without who withdrew meanwhile: the same noise would show them', async () => {
    dieAt('spectrum')
    await expect(train()).rejects.toThrow('killed')
    lives()
    await open.desk.say('p07', 'product_recs', 'withdrawn', NOON)
    await expect(train()).rejects.toEqual(code('MODEL_RUN_OF_OTHER_PEOPLE'))
    expect(open.given).toHaveLength(1)
  })

  test('nor with two who have become one', async () => {
    dieAt('spectrum')
    await expect(train()).rejects.toThrow('killed')
    lives()
    open.merged.set('p07', 'p08')
    await expect(train()).rejects.toEqual(code('MODEL_RUN_OF_OTHER_PEOPLE'))
  })

  test('before it drew any noise, it goes on with who agrees by then', async () => {
    dieAt('popularity')
    await expect(train()).rejects.toThrow('killed')
    const once = await open.spent()
    lives()
    await open.desk.say('p07', 'product_recs', 'withdrawn', NOON)
    await train()
    expect([baskets().length, await open.spent()]).toEqual([59, once])
  })

  test('before its model was written and after it was settled, writes it and pays nothing', async () => {
    const { ledger } = open.house
    const settled = {
      ...ledger,
      settle: async (...all: Parameters<typeof ledger.settle>) => {
        await ledger.settle(...all)
        throw new Error('killed')
      },
    }
    await expect(trainOnHouse(open.asked(), { ...open.house, ledger: settled })).rejects.toThrow('killed')
    const once = await open.spent()
    const card = await train()
    expect([readModel(open.place('model')).card, await open.spent()]).toEqual([card, once])
  })

  test('beside whom somebody is training: the second one reads nothing, until the lease of the first is over', async () => {
    const house = { ...open.house, isAlone: false, train: () => new Promise<never>(() => {}) }
    void trainOnHouse(open.asked(), house).catch(() => {})
    await expect.poll(() => existsSync(open.place('model/.run/note.json'))).toBe(true)
    const reads = open.reads
    const second = () => trainOnHouse(open.asked(), { ...open.house, isAlone: false })
    await expect(second()).rejects.toEqual(code('MODEL_RUN_UNDER_WAY'))
    expect(open.reads).toBe(reads)
    open.desk.now += LEASE_MS
    await second()
    expect(open.given).toHaveLength(1)
  })
})

describe('Publishing a model of the house', () => {
  const publish = (althoughLeft = false) =>
    publishModel({ from: open.place('model'), to: open.place('served'), althoughLeft }, open.house.ports)
  const served = () => readdirSync(open.place('served')).toSorted()

  test('gives the model to those who serve it, and nothing of whom it was learned', async () => {
    const card = await train()
    expect(await publish()).toEqual({ card, left: 0, people: 60 })
    expect(served()).toEqual(['items.f32', 'items.json', 'model.json'])
    expect(readModel(open.place('served'), 'serving').card).toEqual(card)
    expect(of(open.place('model'), 'published.ndjson')).toContain(card.version)
  })

  test.each([
    ['withdrew', (pid: string) => open.desk.say(pid, 'product_recs', 'withdrawn', NOON)],
    ['was erased', (pid: string) => open.desk.erase(pid)],
  ])('is refused when somebody %s after they were read, and the one before stays', async (_, leave) => {
    const before = await train({ output: open.place('model') })
    await publish()
    await train({ output: open.place('model') })
    await leave('p07')
    await expect(publish()).rejects.toThrow('(1 of 60 pids)')
    await expect(publish()).rejects.toEqual(code('MODEL_PEOPLE_LEFT'))
    expect(readModel(open.place('served')).card).toEqual(before)
  })

  test('although somebody left is possible, since ε holds of them, and is written down', async () => {
    await train()
    await open.desk.say('p07', 'product_recs', 'withdrawn', NOON)
    expect(await publish(true)).toMatchObject({ left: 1 })
    expect(JSON.parse(of(open.place('model'), 'published.ndjson'))).toMatchObject({ left: 1 })
    const { trainingSet } = JSON.parse(of(open.place('model'), 'lineage.json')) as HouseLineage
    const sets = await mustRebuild('p07', open.registry, {
      standings: open.desk.standings,
      now: open.desk.now,
      isGone: false,
    })
    expect(sets.map(({ id }) => id)).toEqual([trainingSet])
  })

  test('of who withdrew and agreed again it is refused, too: that is another yes', async () => {
    await train()
    await open.desk.say('p07', 'product_recs', 'withdrawn', NOON)
    await open.desk.say('p07', 'product_recs', 'given', NOON + 1)
    await expect(publish()).rejects.toEqual(code('MODEL_PEOPLE_LEFT'))
  })

  test('with other receipts beside it than its card is bound to is refused', async () => {
    await train()
    appendFileSync(open.place('model/receipts.ndjson'), '{"pid":"ada"}\n')
    await expect(publish()).rejects.toEqual(code('MODEL_LINEAGE_DIFFERS'))
    const lineage = JSON.parse(of(open.place('model'), 'lineage.json')) as HouseLineage
    const digest = createHash('sha256').update('').digest('hex')
    writeFileSync(open.place('model/receipts.ndjson'), '')
    writeFileSync(
      open.place('model/lineage.json'),
      JSON.stringify({ ...lineage, receipts: { ...lineage.receipts, digest } }),
    )
    await expect(publish()).rejects.toEqual(code('MODEL_LINEAGE_DIFFERS'))
    expect(existsSync(open.place('served'))).toBe(false)
  })

  test('that is of a test, or of a file, is refused', async () => {
    await train({ testSeed: 1 })
    await expect(publish()).rejects.toEqual(code('MODEL_OF_TEST'))
    await train()
    const { card, ...model } = readModel(open.place('model'))
    const { kind, people, privacy, quality, testSeed } = card
    const source = { catalogue: 'given', lineage: 'lineage.json' } as const
    writeModel(open.place('model'), model, { kind, people, privacy, quality, testSeed, source })
    await expect(publish()).rejects.toEqual(code('MODEL_NOT_OF_THE_HOUSE'))
  })
})
