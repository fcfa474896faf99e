/** The name somebody may have meant: at most a third of its letters away. Null: none is near. */
export const nearestName = (written: string, names: readonly string[]): string | null => {
  let [nearest, least]: [string | null, number] = [null, Infinity]
  for (const name of names) {
    const distance = name.length > 200 ? Infinity : changesBetween(folded(written), folded(name))
    if (distance < least) [nearest, least] = [name, distance]
  }
  return least <= Math.max(1, Math.floor(written.length / 3)) ? nearest : null
}

const folded = (name: string): string => name.toLowerCase().replace(/[\s_.-]+/g, '_')

/** Levenshtein. */
const changesBetween = (one: string, other: string): number => {
  let before = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row += 1) {
    const now = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const change = (before[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1)
      now.push(Math.min(change, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1))
    }
    before = now
  }
  return before[other.length] ?? Infinity
}
