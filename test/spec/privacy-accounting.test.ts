import { describe, expect, test } from 'vitest'
import { epsilonOfRho, rhoOfGaussian } from '../../privacy/accounting/concentrated.ts'
import { epsilonOfRenyi } from '../../privacy/accounting/epsilon-of-renyi.ts'
import { epsilonOfSteps } from '../../privacy/accounting/epsilon-of-steps.ts'
import { added, renyiCurve, renyiDivergence } from '../../privacy/accounting/renyi.ts'

/** Of Google's dp-accounting 0.6.0: ε by privacy-loss distribution, by Rényi divergence at all its orders, and at whole ones only. */
const REFERENCE = [
  { q: 0.01, z: 1, steps: 1000, delta: 1e-5, pld: 1.828244, renyi: 2.101367, whole: 2.107753 },
  { q: 0.05, z: 2.97, steps: 400, delta: 1e-5, pld: 1.368088, renyi: 1.50001, whole: 1.50001 },
  { q: 0.001, z: 0.6, steps: 10_000, delta: 1e-6, pld: 3.152227, renyi: 3.999186, whole: 4.26952 },
  { q: 1, z: 3.731, steps: 1, delta: 1e-5, pld: 0.999892, renyi: 1.092474, whole: 1.092474 },
  { q: 0.02, z: 1.1, steps: 3000, delta: 1e-5, pld: 5.87664, renyi: 6.394994, whole: 6.410129 },
  { q: 0.1, z: 10, steps: 100, delta: 1e-6, pld: 0.40533, renyi: 0.440249, whole: 0.440249 },
  { q: 0.004, z: 0.3, steps: 200, delta: 1e-5, pld: 21.617641, renyi: 26.50288, whole: 155.689671 },
] as const

const WHOLE = Array.from({ length: 255 }, (_, index) => index + 2)

describe.each(REFERENCE)(
  'q = $q, σ = $z, $steps steps, δ = $delta',
  ({ q, z, steps, delta, pld, renyi, whole }) => {
    const step = { samplingRate: q, noiseMultiplier: z }

    test('at whole orders ε is the one that everybody computes', () => {
      expect(epsilonOfRenyi(renyiCurve(step, steps, WHOLE), delta).epsilon).toBeCloseTo(whole, 6)
    })

    test('at all orders it is no larger than that, and than the usual series, which is an upper bound', () => {
      const { epsilon } = epsilonOfRenyi(renyiCurve(step, steps), delta)
      expect(epsilon).toBeLessThanOrEqual(whole + 1e-6)
      expect(epsilon).toBeLessThanOrEqual(renyi + 1e-6)
    })

    test('by its losses it is smaller, and never below what is true', () => {
      const { epsilon, isNear } = epsilonOfSteps(step, steps, delta)
      expect(isNear).toBe(true)
      expect(epsilon).toBeGreaterThan(pld - 2e-6)
      expect(epsilon).toBeLessThan(pld + 0.001)
      expect(epsilon).toBeLessThan(epsilonOfRenyi(renyiCurve(step, steps), delta).epsilon)
    })
  },
)

/** Of the same, where noise is narrow, and of its formula computed to sixty digits, where everybody is in every step. */
describe('where noise is narrow, δ tiny, or there are many steps', () => {
  test.each([
    [0.01, 0.05, 1, 1e-5, 256.2701616],
    [0.01, 0.09, 10, 1e-5, 198.2876575],
    [1, 0.01, 1, 1e-5, 5425.5098461474],
    [1, 0.001, 1000, 1e-12, 500222448.9106269],
    [1, 1e5, 1e9, 1e-5, 1.1993695737531],
    [1, 1e5, 1, 1e-9, 3.3630196880368e-5],
    [1, 30, 5, 1e-300, 2.7515969112182],
    [1, 1, 1, 0.5, 0],
  ])(
    'of q = %s, σ = %s, %s steps and δ = %s it is %s',
    (samplingRate, noiseMultiplier, steps, delta, told) => {
      const { epsilon, isNear } = epsilonOfSteps({ samplingRate, noiseMultiplier }, steps, delta)
      expect(isNear).toBe(true)
      expect(epsilon).toBeGreaterThanOrEqual(told * (1 - 1e-12))
      expect(epsilon).toBeLessThan(told + Math.max(0.001, told * 1e-9))
    },
  )

  test.each([
    [0.3, 0.0005, 3, 1e-5, 'everybody'],
    [1e-9, 0.1, 999_999_999, 1e-9, 'renyi'],
    [0.5, 1, 999_999_999, 1e-5, 'renyi'],
    [0.01, 1, 1, 1e-30, 'renyi'],
  ] as const)(
    'of q = %s, σ = %s, %s steps and δ = %s no grid is fine enough, which is said',
    (samplingRate, noiseMultiplier, steps, delta, by) => {
      const step = { samplingRate, noiseMultiplier }
      const found = epsilonOfSteps(step, steps, delta)
      expect(found).toMatchObject({ by, isNear: false })
      expect(found.epsilon).toBeLessThanOrEqual(epsilonOfRenyi(renyiCurve(step, steps), delta).epsilon)
    },
  )
})

describe('Rényi divergence', () => {
  /** Its formula, computed to eighty digits. */
  test.each([
    [1e-9, 1, 2, 1.71828182845905e-18],
    [1e-9, 0.3, 32, 156.386019494478],
    [1e-6, 1000, 256, 1.28000064032533e-16],
    [0.0001, 3, 7, 4.11341855171668e-9],
    [0.5, 30, 64, 0.00904845476255022],
    [0.003, 0.8, 3, 5.22018068602174e-5],
    [0.999, 0.05, 2, 399.997998999333],
    // Between whole orders: ∫ of the same, by quadrature to forty digits.
    [1e-9, 100, 1.25, 6.25031250909e-23],
    [0.0001, 0.6, 1.01, 7.55581081851e-8],
    [0.3, 5, 1.5, 0.00273796549909],
  ])('of q = %s and σ = %s at order %s is %s, also where it is next to nothing', (q, z, order, told) => {
    const found = renyiDivergence({ samplingRate: q, noiseMultiplier: z }, order)
    expect(found / told).toBeCloseTo(1, 7)
  })

  test.each([
    [0.01, 0.8],
    [0.3, 0.4],
    [0.5, 5],
    [0.001, 0.2],
  ])(
    'of q = %s and σ = %s goes through its whole orders without a step, and grows',
    (samplingRate, noiseMultiplier) => {
      const at = (order: number) => renyiDivergence({ samplingRate, noiseMultiplier }, order)
      for (const order of [2, 3, 10, 32]) {
        expect(at(order + 1e-9) / at(order)).toBeCloseTo(1, 7)
        expect(at(order + 0.5)).toBeGreaterThan(at(order))
      }
    },
  )

  test('of everybody is that of the Gaussian, of nobody nothing', () => {
    expect(renyiDivergence({ samplingRate: 1, noiseMultiplier: 3 }, 7)).toBeCloseTo(7 / 18, 14)
    expect(renyiDivergence({ samplingRate: 0, noiseMultiplier: 3 }, 7)).toBe(0)
  })

  test('of different mechanisms adds up order by order', () => {
    const [one, other] = [
      renyiCurve({ samplingRate: 0.1, noiseMultiplier: 2 }, 10),
      renyiCurve({ samplingRate: 1, noiseMultiplier: 8 }, 3),
    ]
    const both = added([one, other])
    expect(both.values[50]).toBeCloseTo((one.values[50] ?? 0) + (other.values[50] ?? 0), 14)
    expect(() => added([one, renyiCurve({ samplingRate: 1, noiseMultiplier: 8 }, 3, [2])])).toThrow(
      RangeError,
    )
  })
})

describe('what is asked of nobody, or never, costs nothing', () => {
  test.each([
    [0, 100],
    [0.5, 0],
  ])('q = %s, %s steps', (samplingRate, steps) => {
    const step = { samplingRate, noiseMultiplier: 1 }
    expect(epsilonOfSteps(step, steps, 1e-5).epsilon).toBe(0)
    expect(epsilonOfRenyi(renyiCurve(step, steps), 1e-5).epsilon).toBe(0)
  })
})

describe('concentrated privacy', () => {
  test('ρ = 0.1 at δ = 1e-6 is ε = 2.141939, not the 2.450788 of the closed form', () => {
    expect(epsilonOfRho(0.1, 1e-6)).toBeCloseTo(2.141939, 6)
  })

  test('fifty-two weekly counts at ε = 0.2 each are less together than the 10.4 that they add up to', () => {
    expect(epsilonOfRho(52 * (0.2 ** 2 / 2), 1e-5)).toBeLessThan(0.7 * 52 * 0.2)
  })

  test('of the Gaussian is 1/2σ² each time, and no more than Rényi’s over fewer orders', () => {
    expect(rhoOfGaussian(4, 3)).toBeCloseTo(3 / 32, 15)
    const curve = renyiCurve({ samplingRate: 1, noiseMultiplier: 4 }, 3)
    expect(epsilonOfRho(rhoOfGaussian(4, 3), 1e-5)).toBeLessThanOrEqual(epsilonOfRenyi(curve, 1e-5).epsilon)
  })
})

describe('σ of the exact Gaussian mechanism (Balle and Wang 2018)', () => {
  test.each([
    [7.032, 0.5],
    [3.731, 1],
    [2.583, 1.5],
    [1.081, 4],
    [0.6, 8],
  ])('%s is ε = %s at δ = 1e-5', (noiseMultiplier, epsilon) => {
    expect(epsilonOfSteps({ samplingRate: 1, noiseMultiplier }, 1, 1e-5).epsilon).toBeCloseTo(epsilon, 2)
  })
})
