/** What a mechanism is said to draw from: probabilities of whole numbers, symmetric around zero. */
export interface NoiseLaw {
  readonly name: 'discrete-laplace' | 'discrete-gaussian'
  /** Of the number and its negative alike. */
  probability(x: number): number
  /** Beyond this there is less than 10⁻¹⁵. */
  readonly reach: number
  readonly variance: number
  readonly fourthMoment: number
}

export const laplaceLaw = (scale: number): NoiseLaw =>
  law('discrete-laplace', (x) => Math.exp(-x / scale), Math.ceil(scale * 40))

export const gaussianLaw = (sigma: number): NoiseLaw =>
  law('discrete-gaussian', (x) => Math.exp((-x * x) / (2 * sigma * sigma)), Math.ceil(sigma * 9))

const law = (name: NoiseLaw['name'], weight: (x: number) => number, reach: number): NoiseLaw => {
  let [whole, second, fourth] = [weight(0), 0, 0]
  for (let x = reach; x > 0; x -= 1) {
    const both = 2 * weight(x)
    whole += both
    second += both * x ** 2
    fourth += both * x ** 4
  }
  return {
    name,
    probability: (x) => weight(Math.abs(x)) / whole,
    reach,
    variance: second / whole,
    fourthMoment: fourth / whole,
  }
}
