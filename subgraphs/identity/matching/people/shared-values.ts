import type { Column } from './column.ts'

/** Above this many people nobody looks whether their names fit: it is shared. */
const MOST_HOLDERS = 24

/**
 * A value given by people whose names cannot be one person's is shared: a family's number, an office's mailbox, a
 * number given out again. 1 at every value that is.
 */
export function sharedValues(
  column: Column<unknown>,
  canBeOne: (left: number, right: number) => boolean,
): Uint8Array {
  const isShared = new Uint8Array(column.terms.length)
  for (const [value, holders] of holdersOf(column)) {
    const isCrowd = holders.length > MOST_HOLDERS
    if (isCrowd || holders.some((one, at) => holders.slice(at + 1).some((other) => !canBeOne(one, other))))
      isShared[value] = 1
  }
  return isShared
}

/** The people of each value that two or more have; of a crowd the first few. */
function* holdersOf(column: Column<unknown>): Generator<readonly [value: number, holders: number[]]> {
  const holders = new Map<number, number[]>()
  for (const slot of column.slots) {
    for (const [person, value] of slot.entries()) {
      if (value === 0 || (column.counts[value] ?? 0) < 2) continue
      const known = holders.get(value)
      if (known === undefined) holders.set(value, [person])
      else if (known.length <= MOST_HOLDERS) known.push(person)
    }
  }
  yield* holders
}
