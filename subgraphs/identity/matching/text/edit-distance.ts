import { MOST_POINTS, readPoints } from './code-points.ts'

/**
 * Damerau–Levenshtein as optimal string alignment: a letter missing, added, wrong, or two neighbours changed about, no
 * place edited twice. Counts up to `most`; anything farther apart is `most + 1`.
 */
export function editDistance(one: string, other: string, most: number): number {
  if (one === other) return 0
  const [rows, columns] = [readPoints(one, left), readPoints(other, right)]
  if (Math.abs(rows - columns) > most || lettersApart(rows, columns) > most * 2) return most + 1
  for (let column = 0; column <= columns; column += 1) above[column] = column
  for (let row = 1; row <= rows; row += 1) {
    if (fillRow(row, columns) > most) return most + 1
    const freed = before
    before = above
    above = current
    current = freed
  }
  return Math.min(above[columns] ?? 0, most + 1)
}

/** One run's own room: it is never entered twice at once. */
const [left, right] = [new Uint32Array(MOST_POINTS), new Uint32Array(MOST_POINTS)]
let above = new Uint16Array(MOST_POINTS + 1)
let before = new Uint16Array(MOST_POINTS + 1)
let current = new Uint16Array(MOST_POINTS + 1)

/** The smallest distance in the row: below it no later one falls. */
function fillRow(row: number, columns: number): number {
  current[0] = row
  let least = row
  for (let column = 1; column <= columns; column += 1) {
    const isSame = left[row - 1] === right[column - 1]
    let cost = Math.min(
      (above[column] ?? 0) + 1,
      (current[column - 1] ?? 0) + 1,
      (above[column - 1] ?? 0) + (isSame ? 0 : 1),
    )
    if (isTurned(row, column)) cost = Math.min(cost, (before[column - 2] ?? 0) + 1)
    current[column] = cost
    if (cost < least) least = cost
  }
  return least
}

const isTurned = (row: number, column: number): boolean =>
  row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]

/** How many letters only one of the two has, at least: an edit changes two at most. Most words are told apart by this. */
function lettersApart(rows: number, columns: number): number {
  let [ones, others] = [0, 0]
  for (let at = 0; at < rows; at += 1) ones |= 1 << ((left[at] ?? 0) & 31)
  for (let at = 0; at < columns; at += 1) others |= 1 << ((right[at] ?? 0) & 31)
  let apart = 0
  for (let bits = ones ^ others; bits !== 0; bits &= bits - 1) apart += 1
  return apart
}
