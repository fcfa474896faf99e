import { detached } from '../text/detached.ts'

/** One field of all people: the distinct values once, and of each person the number of its value. 0: not known. */
export interface Column<Term> {
  readonly of: Int32Array
  /** Of people who may have several: the first, the second, … value of each. The first is `of`. */
  readonly slots: readonly Int32Array[]
  readonly terms: readonly Term[]
  /** How many people hold each value. */
  readonly counts: Int32Array
  /** People who hold any. */
  readonly known: number
}

export interface ColumnBuilder {
  add(text: string): void
  /** The column with people in the order of `order`, each distinct text read once by `read`. */
  build<Term>(order: Int32Array, read: (text: string) => Term): Column<Term>
}

/** `most`: so many values a person may have, a line each. */
export function createColumnBuilder(most = 1): ColumnBuilder {
  const numbers = new Map<string, number>([['', 0]])
  const slots = [new Int32Array(1024)]
  let size = 0
  const numberOf = (text: string): number => {
    const known = numbers.get(text)
    if (known !== undefined) return known
    const number = numbers.size
    numbers.set(detached(text), number)
    return number
  }
  const put = (slot: number, text: string): void => {
    let of = slots[slot] ?? new Int32Array(1024)
    while (size >= of.length) of = grown(of)
    of[size] = numberOf(text)
    slots[slot] = of
  }
  return {
    add(text) {
      if (most === 1 || !text.includes('\n')) put(0, text)
      else for (const [slot, line] of text.split('\n').slice(0, most).entries()) put(slot, line)
      size += 1
    },
    build(order, read) {
      const ordered = slots.map((of) => order.map((at) => of[at] ?? 0))
      return columnOf(ordered, Array.from(numbers.keys(), read))
    },
  }
}

function columnOf<Term>(slots: readonly Int32Array[], terms: readonly Term[]): Column<Term> {
  const counts = new Int32Array(terms.length)
  for (const slot of slots) for (const number of slot) counts[number] = (counts[number] ?? 0) + 1
  const of = slots[0] ?? new Int32Array()
  return { of, slots, terms, counts, known: of.reduce((known, number) => known + (number === 0 ? 0 : 1), 0) }
}

/** Whether two people have a value in common. */
export function haveInCommon({ slots }: Column<unknown>, left: number, right: number): boolean {
  for (const one of slots) {
    const number = one[left] ?? 0
    if (number !== 0 && slots.some((other) => other[right] === number)) return true
  }
  return false
}

const grown = (numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}
