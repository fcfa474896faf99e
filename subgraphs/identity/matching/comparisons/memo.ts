/**
 * The level of two values, worked out once while it is remembered. Direct-mapped: a newer pair of values takes an
 * older one's place, so that it stays small however many there are.
 */
export function createMemo(compare: (left: number, right: number) => number, bits = 17): typeof compare {
  const size = 2 ** bits
  const keys = new Float64Array(size).fill(-1)
  const levels = new Uint8Array(size)
  return (left, right) => {
    const [low, high] = left < right ? [left, right] : [right, left]
    const key = low * 2 ** 26 + high
    const place = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> (32 - bits)
    if (keys[place] === key) return levels[place] ?? 0
    const level = compare(low, high)
    keys[place] = key
    levels[place] = level
    return level
  }
}
