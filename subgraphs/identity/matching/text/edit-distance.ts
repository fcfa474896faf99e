/**
 * Damerau–Levenshtein as optimal string alignment: a letter missing, added, wrong, or two neighbours changed about, no
 * place edited twice. Counts up to `most`; anything farther apart is `most + 1`.
 */
export function editDistance(one: string, other: string, most: number): number {
  if (one === other) return 0
  const [left, right] = [unitsOf(one), unitsOf(other)]
  if (Math.abs(left.length - right.length) > most) return most + 1
  let before: number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current = nextRow(left, right, row, { above, before })
    if (Math.min(...current) > most) return most + 1
    before = above
    above = current
  }
  return Math.min(above[right.length] ?? 0, most + 1)
}

interface Rows {
  readonly above: readonly number[]
  readonly before: readonly number[]
}

function nextRow(left: Units, right: Units, row: number, { above, before }: Rows): number[] {
  const current = [row]
  for (let column = 1; column <= right.length; column += 1) {
    const isSame = left[row - 1] === right[column - 1]
    let cost = Math.min(
      (above[column] ?? 0) + 1,
      (current[column - 1] ?? 0) + 1,
      (above[column - 1] ?? 0) + (isSame ? 0 : 1),
    )
    const isSwapped =
      row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
    if (isSwapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1)
    current.push(cost)
  }
  return current
}

type Units = ArrayLike<string>

/** Letters, not halves of letters; almost every text has no halves. */
const unitsOf = (text: string): Units => (/[\ud800-\udfff]/.test(text) ? Array.from(text) : text)
