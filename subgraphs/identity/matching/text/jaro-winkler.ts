/**
 * Jaro–Winkler over code points: transpositions are floored, the prefix counts only above .7, at most four letters at
 * a tenth each. Implementations differ in all three, and some compare bytes, which is wrong on "müller".
 */
export function jaroWinkler(one: string, other: string): number {
  if (one === other) return 1
  const [left, right] = [pointsOf(one), pointsOf(other)]
  const similarity = jaro(left, right)
  if (similarity <= 0.7) return similarity
  const most = Math.min(4, left.length, right.length)
  let prefix = 0
  while (prefix < most && left[prefix] === right[prefix]) prefix += 1
  return similarity + prefix * 0.1 * (1 - similarity)
}

function jaro(left: readonly number[], right: readonly number[]): number {
  if (left.length === 0 || right.length === 0) return 0
  const reach = Math.max(0, Math.floor(Math.max(left.length, right.length) / 2) - 1)
  const isTaken = new Uint8Array(right.length)
  const common: number[] = []
  for (const [at, point] of left.entries()) {
    const end = Math.min(right.length, at + reach + 1)
    for (let place = Math.max(0, at - reach); place < end; place += 1) {
      if (isTaken[place] === 1 || right[place] !== point) continue
      isTaken[place] = 1
      common.push(point)
      break
    }
  }
  if (common.length === 0) return 0
  const transpositions = Math.floor(outOfOrder(common, right, isTaken) / 2)
  const matches = common.length
  return (matches / left.length + matches / right.length + (matches - transpositions) / matches) / 3
}

function outOfOrder(common: readonly number[], right: readonly number[], isTaken: Uint8Array): number {
  let [count, at] = [0, 0]
  for (const [place, point] of right.entries()) {
    if (isTaken[place] === 0) continue
    if (common[at] !== point) count += 1
    at += 1
  }
  return count
}

const pointsOf = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0) ?? 0)
