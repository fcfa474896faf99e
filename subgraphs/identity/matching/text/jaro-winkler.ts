import { MOST_POINTS, readPoints } from './code-points.ts'

/**
 * Jaro–Winkler over code points: transpositions are floored, the prefix counts only above .7, at most four letters at
 * a tenth each. Implementations differ in all three, and some compare bytes, which is wrong on "müller".
 */
export function jaroWinkler(one: string, other: string): number {
  if (one === other) return 1
  const [length, otherLength] = [readPoints(one, left), readPoints(other, right)]
  const similarity = jaro(length, otherLength)
  if (similarity <= 0.7) return similarity
  const most = Math.min(4, length, otherLength)
  let prefix = 0
  while (prefix < most && left[prefix] === right[prefix]) prefix += 1
  return similarity + prefix * 0.1 * (1 - similarity)
}

/** One run's own room: it is never entered twice at once. */
const [left, right, common] = [
  new Uint32Array(MOST_POINTS),
  new Uint32Array(MOST_POINTS),
  new Uint32Array(MOST_POINTS),
]
const isTaken = new Uint8Array(MOST_POINTS)

function jaro(length: number, otherLength: number): number {
  if (length === 0 || otherLength === 0) return 0
  const matches = findCommon(length, otherLength)
  if (matches === 0) return 0
  const transpositions = Math.floor(outOfOrder(otherLength) / 2)
  return (matches / length + matches / otherLength + (matches - transpositions) / matches) / 3
}

/** Letters of both that stand no farther apart than half the longer word. */
function findCommon(length: number, otherLength: number): number {
  const reach = Math.max(0, Math.floor(Math.max(length, otherLength) / 2) - 1)
  isTaken.fill(0, 0, otherLength)
  let matches = 0
  for (let at = 0; at < length; at += 1) {
    const end = Math.min(otherLength, at + reach + 1)
    for (let place = Math.max(0, at - reach); place < end; place += 1) {
      if (isTaken[place] === 1 || right[place] !== left[at]) continue
      isTaken[place] = 1
      common[matches] = left[at] ?? 0
      matches += 1
      break
    }
  }
  return matches
}

function outOfOrder(otherLength: number): number {
  let [count, at] = [0, 0]
  for (let place = 0; place < otherLength; place += 1) {
    if (isTaken[place] === 0) continue
    if (common[at] !== right[place]) count += 1
    at += 1
  }
  return count
}
