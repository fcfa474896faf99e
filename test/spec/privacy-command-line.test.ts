import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const privacy = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', 'privacy', ...args],
      { env: { PATH: process.env['PATH'] }, maxBuffer: 2 ** 26 },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

const directory = mkdtempSync(join(tmpdir(), 'assent-privacy-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = (name: string, lines: readonly unknown[]): string => {
  writeFileSync(join(directory, name), `${lines.join('\n')}\n`)
  return join(directory, name)
}

const STEPS = ['--sampling-rate', '0.01', '--noise-multiplier', '1', '--steps', '1000', '--delta', '1e-5']

describe('assent privacy epsilon', () => {
  test.each([
    ['pld', 1.828244],
    ['rdp', 2.101365],
    ['zcdp', 648.783],
  ])('by %s prints one plain number', async (accountant, expected) => {
    const { code, out } = await privacy('epsilon', ...STEPS, '--accountant', accountant)
    expect(code).toBe(0)
    expect(out).toMatch(/^\d+\.\d+\n$/)
    expect(Number(out) / expected).toBeCloseTo(1, 3)
  })

  test.each([
    ['0.001', '5', '1', '1e-20'],
    ['0.0001', '20', '1', '1e-15'],
    ['0.01', '1', '1', '1e-30'],
  ])(
    'of q = %s, σ = %s, %s steps and δ = %s is told to be proved by rdp: its own grid is too coarse',
    async (q, z, steps, delta) => {
      const asked = [
        '--sampling-rate',
        q,
        '--noise-multiplier',
        z,
        '--steps',
        steps,
        '--delta',
        delta,
        '--json',
      ]
      const { code, out, err } = await privacy('epsilon', ...asked)
      expect([code, JSON.parse(out)]).toEqual([
        0,
        { epsilon: expect.any(Number), delta: Number(delta), accountant: 'rdp' },
      ])
      expect(err).toMatch(/^pld .* proved by rdp\.$/m)
    },
  )

  test('as JSON says by which order', async () => {
    const { out } = await privacy('epsilon', ...STEPS, '--accountant', 'rdp', '--json')
    expect(JSON.parse(out)).toEqual({
      epsilon: expect.closeTo(2.101365, 5),
      order: 7.8,
      delta: 1e-5,
      accountant: 'rdp',
    })
  })

  test.each([
    [['--noise-multiplier', '0'], 'positive number'],
    [['--noise-multiplier', 'NaN'], 'write a number'],
    [['--sampling-rate', '1.5'], 'from 0 to 1'],
    [['--delta', '1'], 'between 0 and 1'],
    [['--steps', '-3'], 'whole number'],
    [['--accountant', 'guess'], 'Allowed choices are pld, rdp, zcdp'],
  ])('%j is refused with what to write instead', async (wrong, said) => {
    const { code, out, err } = await privacy('epsilon', ...STEPS, ...wrong)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(said)
  })
})

describe('assent privacy sample', () => {
  test('prints so many whole numbers, one a line', async () => {
    const { code, out } = await privacy(
      'sample',
      '--mechanism',
      'discrete-laplace',
      '--scale',
      '5/2',
      '--count',
      '40000',
    )
    const lines = out.trimEnd().split('\n')
    expect([code, lines.length]).toEqual([0, 40_000])
    expect(lines.every((line) => /^(0|-?[1-9]\d*)$/.test(line))).toBe(true)
  })

  test('or as one array, and others each time', async () => {
    const args = ['sample', '--scale', '1000', '--count', '20', '--json']
    const [one, other] = await Promise.all([privacy(...args), privacy(...args)])
    expect(JSON.parse(one.out)).toHaveLength(20)
    expect(one.out).not.toBe(other.out)
  })

  test.each(['0', '-1', 'ten', '1e13'])('of scale %s is refused', async (scale) => {
    const { code, out } = await privacy('sample', '--scale', scale)
    expect([code, out]).toEqual([2, ''])
  })
})

describe('assent privacy audit', () => {
  test('finds what was planted and nothing else', async () => {
    const { code, out } = await privacy('audit', '--scale', '3', '--draws', '200000', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ isRefuted: false, isSharp: true })
  })

  test('refutes numbers that were drawn otherwise', async () => {
    const { out } = await privacy('sample', '--scale', '3', '--count', '20000')
    const input = file('noise.txt', out.trimEnd().split('\n'))
    expect((await privacy('audit', '--scale', '3', '--input', input)).code).toBe(0)
    const refuted = await privacy('audit', '--scale', '3.3', '--input', input)
    expect(refuted.code).toBe(1)
    expect(refuted.out).toMatch(/variance +\S+ +REFUTED/)
  })

  test('refutes a promise that answers do not keep', async () => {
    const [a, b] = [1, 2].map((truth) =>
      file(
        `${truth}.txt`,
        Array.from({ length: 4000 }, (_, at) => truth * 100 + (at % 7)),
      ),
    )
    const { code, out } = await privacy('audit', '--input', a ?? '', '--neighbour', b ?? '', '--epsilon', '1')
    expect(code).toBe(1)
    expect(out).toContain('REFUTED')
  })

  test.each([
    [['--input', '/nowhere/noise.txt'], 'cannot be read'],
    [['--input', file('words.txt', ['1', 'two', '3'])], 'words.txt:2 is not a number'],
    [['--input', file('few.txt', ['1', '2', '3'])], 'fewer than 1000'],
    [['--neighbour', file('other.txt', ['1'])], '--neighbour needs --input and --epsilon'],
    [['--scale', '1000000'], '--scale is at most'],
    [['--draws', '10'], '--draws is at least'],
  ])('%j is refused', async (args, said) => {
    const { code, err } = await privacy('audit', ...args)
    expect(code).toBe(2)
    expect(err).toContain(said)
  })
})
