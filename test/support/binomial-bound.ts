/** The highest share that so many successes of so many do not refute at 95 % (Clopper and Pearson, one-sided). */
export const mostOften = (successes: number, of: number): number => {
  let [low, high] = [successes / of, 1]
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2
    if (atMost(successes, of, middle) > 0.05) low = middle
    else high = middle
  }
  return high
}

/** Probability of no more than so many successes. */
const atMost = (successes: number, of: number, chance: number): number => {
  if (chance >= 1) return successes >= of ? 1 : 0
  let log = of * Math.log1p(-chance)
  let sum = Math.exp(log)
  for (let count = 1; count <= successes; count += 1) {
    log += Math.log((of - count + 1) / count) + Math.log(chance) - Math.log1p(-chance)
    sum += Math.exp(log)
  }
  return sum
}
