/**
 * Who has which key, sorted by key and then by person, packed into one number each: sorting numbers in place is the
 * whole cost of a blocking rule.
 */
export function sortedEntries(slots: readonly Uint32Array[], size: number): Float64Array {
  const known = slots.reduce(
    (sum, slot) => sum + slot.reduce((count, key) => count + (key === 0 ? 0 : 1), 0),
    0,
  )
  const entries = new Float64Array(known)
  let at = 0
  for (const slot of slots) {
    for (const [person, key] of slot.entries()) {
      if (key === 0) continue
      entries[at] = packed(key, person, size)
      at += 1
    }
  }
  return entries.toSorted()
}

export type VisitBlock = (key: number, people: Int32Array) => void

/** Every key that two or more people have, with each of them once. */
export function eachBlock(entries: Float64Array, size: number, visit: VisitBlock): void {
  const span = spanOf(size)
  let start = 0
  while (start < entries.length) {
    const key = Math.floor((entries[start] ?? 0) / span)
    let end = start + 1
    while (end < entries.length && Math.floor((entries[end] ?? 0) / span) === key) end += 1
    if (end - start > 1) {
      const people = distinct(entries.subarray(start, end), key * span)
      if (people.length > 1) visit(key, people)
    }
    start = end
  }
}

function distinct(entries: Float64Array, base: number): Int32Array {
  const people = new Int32Array(entries.length)
  let count = 0
  for (const entry of entries) {
    const person = entry - base
    if (count > 0 && people[count - 1] === person) continue
    people[count] = person
    count += 1
  }
  return people.subarray(0, count)
}

const packed = (key: number, person: number, size: number): number => key * spanOf(size) + person

/** Keys have 32 bits and numbers 53: a power of two keeps the division exact. */
const spanOf = (size: number): number => {
  if (size > 2 ** 21) throw new RangeError('more people than one run can hold')
  return 2 ** Math.max(1, Math.ceil(Math.log2(size + 1)))
}
