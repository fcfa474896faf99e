import { detached } from '../text/detached.ts'

/** One field of all people: the distinct values once, and of each person the number of its value. 0: not known. */
export interface Column<Term> {
  readonly of: Int32Array
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

export function createColumnBuilder(): ColumnBuilder {
  const numbers = new Map<string, number>([['', 0]])
  let [of, size] = [new Int32Array(1024), 0]
  return {
    add(text) {
      let number = numbers.get(text)
      if (number === undefined) numbers.set(detached(text), (number = numbers.size))
      if (size === of.length) of = grown(of)
      of[size] = number
      size += 1
    },
    build(order, read) {
      const ordered = order.map((at) => of[at] ?? 0)
      return columnOf(ordered, Array.from(numbers.keys(), read))
    },
  }
}

function columnOf<Term>(of: Int32Array, terms: readonly Term[]): Column<Term> {
  const counts = new Int32Array(terms.length)
  for (const number of of) counts[number] = (counts[number] ?? 0) + 1
  return { of, terms, counts, known: of.length - (counts[0] ?? 0) }
}

const grown = (numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}
