/** The places of the highest scores, best first, without those somebody has; of equal ones the first. */
export const bestItems = (scores: Float64Array, has: Int32Array, count: number): number[] => {
  for (const item of has) scores[item] = Number.NEGATIVE_INFINITY
  const best: number[] = []
  for (let item = 0; item < scores.length; item += 1) {
    const score = scores[item] as number
    if (best.length === count && !(score > (scores[best[count - 1] as number] as number))) continue
    if (score === Number.NEGATIVE_INFINITY) continue
    let place = Math.min(best.length, count - 1)
    while (place > 0 && (scores[best[place - 1] as number] as number) < score) {
      best[place] = best[place - 1] as number
      place -= 1
    }
    best[place] = item
  }
  return best
}
