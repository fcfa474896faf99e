import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { evaluateJob } from '../../cli/evaluate-job.ts'
import { inRecommendThread } from '../../cli/in-recommend-thread.ts'
import { type TrainJob, trainJob } from '../../cli/train-job.ts'
import { reportAsMarkdown, sentencesOf } from '../../subgraphs/recommendations/evaluate/report-markdown.ts'
import { reportAsPicture } from '../../subgraphs/recommendations/evaluate/report-picture.ts'
import type { Lineage } from '../../subgraphs/recommendations/train/model.ts'
import { readModel } from '../../subgraphs/recommendations/train/model-files.ts'
import { readReceipts, receiptsIn } from '../../subgraphs/recommendations/train/receipts-beside.ts'
import { leftIn } from '../../subgraphs/recommendations/train/training-ledger.ts'
import { userVector } from '../../subgraphs/recommendations/train/user-vector.ts'
import { plant } from '../support/planted-interactions.ts'

const planted = plant({ people: 300, items: 60, seed: 3, tastes: 3 })
const quiet = (): void => {}

let place = ''
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'recommend-'))
  writeFileSync(at('taken.csv'), planted.csv)
  return () => rmSync(place, { recursive: true })
})

const at = (...names: readonly string[]): string => join(place, ...names)

const jobOf = (given: Partial<TrainJob> = {}): TrainJob => ({
  interactions: at('taken.csv'),
  output: at('model'),
  epsilon: 1.5,
  delta: 1e-5,
  trainer: 'co-occurrence',
  items: null,
  trainingSet: null,
  ledger: { file: at('spent.json'), budget: 4 },
  testSeed: null,
  ...given,
})

const spent = (): number =>
  (JSON.parse(readFileSync(at('spent.json'), 'utf8')) as { spent: readonly unknown[] }).spent.length

/** Ends a run as it tells of a step. */
const killedAt =
  (step: string) =>
  (_done: number, _total: number, said: string): void => {
    if (said.startsWith(step)) throw new Error('killed')
  }

describe('A training', () => {
  test('writes a model, what it cost, and of whom it was; the card tells of nobody', () => {
    const card = trainJob(jobOf({ epsilon: 3 }), quiet)
    const model = readModel(at('model'), 'serving')
    expect(model.card).toEqual(card)
    expect(card.privacy).toMatchObject({ unit: 'one person', delta: 1e-5, accountant: 'zcdp' })
    expect(userVector(model, [{ item: 'i0001', weight: 1 }])).toHaveLength(card.dims)
    const lineage = JSON.parse(readFileSync(at('model', 'lineage.json'), 'utf8')) as Lineage
    expect(JSON.stringify(card)).not.toContain(lineage.interactions)
    expect(spent()).toBe(1)
    expect(existsSync(at('model', '.run'))).toBe(false)
  })

  test('that the budget does not hold is refused before the interactions are read', () => {
    trainJob(jobOf(), quiet)
    trainJob(jobOf({ output: at('second') }), quiet)
    rmSync(at('taken.csv'))
    expect(() => trainJob(jobOf({ output: at('third') }), quiet)).toThrow(/Less is left of the budget/)
    expect([existsSync(at('third')), spent()]).toEqual([false, 2])
  })

  test('of a file with an error trains nothing and costs nothing', () => {
    writeFileSync(at('taken.csv'), `${planted.csv}p1,i0001\n`)
    expect(() => trainJob(jobOf(), quiet)).toThrow(/line \d+, row/)
    expect([existsSync(at('model')), existsSync(at('spent.json'))]).toEqual([false, false])
  })

  test.each([
    ['that the system does not let be made', '/proc/model', 'MODEL_OUTPUT_UNWRITABLE'],
    ['that lies in a file', 'taken.csv/model', 'MODEL_OUTPUT_UNWRITABLE'],
    ['that is a file', 'taken.csv', 'MODEL_OUTPUT_UNWRITABLE'],
  ])('into a directory %s is refused, with a code, and costs nothing', (_, output, code) => {
    const directory = output.startsWith('/') ? output : at(output)
    expect(() => trainJob(jobOf({ output: directory }), quiet)).toThrow(
      expect.objectContaining({ extensions: { code } }),
    )
    expect(existsSync(at('spent.json'))).toBe(false)
  })

  test('of a directory in place of a file is refused with the name of it and what to do', async () => {
    mkdirSync(at('folder'))
    const asked = (given: Partial<TrainJob>) =>
      inRecommendThread({ kind: 'train', train: jobOf(given) }, quiet)
    await expect(asked({ interactions: at('folder') })).rejects.toMatchObject({
      code: 'INTERACTIONS_INVALID',
      message: expect.stringMatching(/folder: EISDIR\)\.\nWrite `user,item/),
    })
    await expect(asked({ items: at('folder') })).rejects.toMatchObject({ code: 'ITEMS_INVALID' })
  })

  test('that takes more δ than is left is refused, however little ε it takes', () => {
    trainJob(jobOf({ epsilon: 0.5, delta: 6e-5 }), quiet)
    expect(() => trainJob(jobOf({ output: at('second'), epsilon: 0.5, delta: 6e-5 }), quiet)).toThrow(
      /δ 0\.0000400 of 0\.0001 is left/,
    )
    expect([existsSync(at('second')), spent()]).toEqual([false, 1])
    trainJob(jobOf({ output: at('third'), epsilon: 0.5, delta: 4e-5 }), quiet)
  })

  test('that may not spend leaves no directory of its own', () => {
    writeFileSync(at('spent.json.lock'), '')
    expect(() => trainJob(jobOf({ output: at('deep', 'model') }), quiet)).toThrow(/ledger/)
    expect(existsSync(at('deep'))).toBe(false)
    mkdirSync(at('model'))
    writeFileSync(at('model', 'note.txt'), 'somebody’s')
    expect(() => trainJob(jobOf(), quiet)).toThrow(/ledger/)
    expect(readdirSync(at('model'))).toEqual(['note.txt'])
  })

  test('tells what is left of the budget', () => {
    trainJob(jobOf(), quiet)
    expect(leftIn({ file: at('spent.json'), budget: 4 })).toEqual({ left: 2.5, of: 4 })
  })

  test('with a ledger that is torn, or that another holds, is refused', () => {
    writeFileSync(at('spent.json'), '{"budget":')
    expect(() => trainJob(jobOf(), quiet)).toThrow(/ledger/)
    rmSync(at('spent.json'))
    writeFileSync(at('spent.json.lock'), '')
    expect(() => trainJob(jobOf(), quiet)).toThrow(/ledger/)
    expect(existsSync(at('model', 'model.json'))).toBe(false)
  })

  test('on a training set reads its people alone, and notes their receipts apart from the card', () => {
    const people = planted.baskets.slice(0, 150).map((_, person) => `p${person}`)
    mkdirSync(at('set'))
    writeFileSync(at('set', 'rows.ndjson'), people.map((pid) => `${JSON.stringify({ pid })}\n`).join(''))
    writeFileSync(
      at('set', 'receipts.ndjson'),
      '{"pid":"p0","receipt":"r-ada"}\n{"pid":"p1","receipt":null}\n',
    )
    writeFileSync(at('set', 'manifest.json'), '{"name":"churn"}')
    const card = trainJob(jobOf({ trainingSet: at('set'), epsilon: 4 }), quiet)
    expect(Math.abs(card.people - 150)).toBeLessThan(75)
    expect(JSON.stringify(card)).not.toContain('r-ada')
    expect(card.source.receipts?.file).toBe('receipts.ndjson')
    expect(receiptsIn(readReceipts(at('model'), card))).toEqual(['r-ada'])
    writeFileSync(at('model', 'receipts.ndjson'), '{"pid":"p0","receipt":"r-bo"}\n')
    expect(() => readReceipts(at('model'), card)).toThrow(/not those that its card is bound to/)
  })
})

describe('A training that is killed', () => {
  test.each([
    ['co-occurrence', 'spectrum'],
    ['gradient', 'step 27'],
  ] as const)('%s: is finished by the same words, makes the same model, and costs once', (trainer, step) => {
    const whole = trainJob(jobOf({ output: at('whole'), trainer, testSeed: 5, ledger: null }), quiet)
    const job = jobOf({ trainer, testSeed: 5 })
    expect(() => trainJob(job, killedAt(step))).toThrow('killed')
    expect(() => readModel(at('model'))).toThrow('model.json')
    expect(spent()).toBe(1)
    expect(trainJob(job, quiet)).toEqual(whole)
    expect(readFileSync(at('model', 'items.f32'))).toEqual(readFileSync(at('whole', 'items.f32')))
    expect([spent(), existsSync(at('model', '.run'))]).toEqual([1, false])
    expect(() => readModel(at('model'), 'serving')).toThrow(/seed/)
  })

  test('is not finished by other words, nor with other data', () => {
    expect(() => trainJob(jobOf(), killedAt('spectrum'))).toThrow('killed')
    expect(() => trainJob(jobOf({ epsilon: 1 }), quiet)).toThrow(/in the way/)
    writeFileSync(at('taken.csv'), `${planted.csv}p1,i0001,5\n`)
    expect(() => trainJob(jobOf(), quiet)).toThrow(/in the way/)
    expect(spent()).toBe(1)
  })
})

describe('An evaluation', () => {
  const evaluation = () =>
    evaluateJob(
      {
        interactions: at('taken.csv'),
        items: null,
        model: null,
        epsilons: [8, 0.5],
        delta: 1e-5,
        trainers: ['popularity', 'co-occurrence'],
        storedSigmas: [],
        mostLinkage: 0.05,
        testSeed: 1,
      },
      quiet,
    )

  test('says at each ε what is best and what it is worth, beside what no privacy would give', () => {
    const report = evaluation()
    expect(report.best.map(({ epsilon }) => epsilon)).toEqual([0.5, 8])
    expect(report.baselines.map(({ name }) => name)).toEqual(['popularity', 'item-knn', 'ease'])
    for (const { recall } of report.private) {
      expect(recall.interval[0]).toBeLessThanOrEqual(recall.value)
      expect(recall.interval[1]).toBeGreaterThanOrEqual(recall.value)
    }
    expect(sentencesOf(report)[0]).toMatch(/^At ε = 0\.5 nothing was surely better than popularity/)
    expect(reportAsMarkdown(report, 'p.svg')).toContain('![recall against ε](p.svg)')
    expect(reportAsPicture(report)).toMatch(/^<svg [^]*<polyline [^]*<\/svg>\n$/)
  })

  test('says of each σ what kept vectors of people would be worth and how many are found, and which is refused', () => {
    writeFileSync(at('taken.csv'), plant({ people: 1_000, items: 60, seed: 3, tastes: 3 }).csv)
    const report = evaluateJob(
      {
        interactions: at('taken.csv'),
        items: null,
        model: null,
        epsilons: [0.1, 4],
        delta: 1e-5,
        trainers: ['popularity', 'co-occurrence'],
        storedSigmas: ['0.001', '0.5'],
        mostLinkage: 0.05,
        testSeed: 1,
      },
      quiet,
    )
    const { rows, perRequest, epsilon } = report.stored ?? expect.fail('nothing was measured')
    const [weak, strong] = rows
    expect(epsilon, 'at the smallest ε at which there is a model').toBeCloseTo(4, 3)
    expect(weak).toMatchObject({ sigma: '0.001', isRefused: true })
    expect(weak?.linkage).toBeGreaterThan(0.5)
    expect(weak?.overlap).toBeGreaterThan(0.95)
    expect(strong).toMatchObject({ sigma: '0.5', isRefused: false })
    expect(strong?.linkage).toBeLessThan(weak?.linkageOfHalf ?? 0)
    expect(strong?.recall.value, 'noise costs').toBeLessThan(perRequest.value)
    const text = reportAsMarkdown(report)
    expect(text).toMatch(/\| 0\.001 \|.*\| refused \|/)
    expect(text).toMatch(/\| 0\.5 \|.*\| possible \|/)
    expect(sentencesOf(report).at(-2)).toMatch(/σ = 0\.001 are refused: \d+ % of them are found/)
  })

  test('of the same seed is the same, but for its time', () => {
    const [one, two] = [evaluation(), evaluation()].map(({ private: results }) =>
      results.map(({ recall, epsilon }) => ({ recall, epsilon })),
    )
    expect(one).toEqual(two)
  })

  test('measures a model that is there, and trains none', () => {
    const card = trainJob(jobOf(), quiet)
    const job = {
      interactions: at('taken.csv'),
      items: null,
      epsilons: [1],
      delta: 1e-5,
      trainers: [],
      storedSigmas: [],
      mostLinkage: 0.05,
      testSeed: null,
    }
    const report = evaluateJob({ ...job, trainers: ['popularity'], model: at('model') }, quiet)
    expect(report.private.map(({ epsilon, served }) => [epsilon, served])).toEqual([
      [card.privacy.epsilon, card.kind],
    ])
  })
})
