import { codedError } from '../../coded-error.ts'
import { basketsOf, type Taken } from './baskets-of.ts'
import { type CsvRow, csvRows } from './csv-rows.ts'
import type { Interactions } from './interactions.ts'
import type { ItemList } from './read-items.ts'

export interface ReadingInteractions {
  /** Public; null: the items of the file are taken for it. */
  readonly list: ItemList | null
  /** Only these people are read; null: all. */
  readonly people: ReadonlySet<string> | null
}

/**
 * `user,item,timestamp[,value]`, in any order of rows. Somebody’s item counts once, by the first time; a value that is not above
 * zero says that it was not taken. One line that cannot be read, and nothing is: what was skipped would be missed by nobody.
 */
export const readInteractions = (text: string, { list, people }: ReadingInteractions): Interactions => {
  const taken = takenIn(text, { list, people })
  return basketsOf([...taken.values()], list?.items ?? itemsOf(taken.values()))
}

const COLUMNS = ['user', 'item', 'timestamp', 'value']

const takenIn = (
  text: string,
  { list, people }: ReadingInteractions,
): ReadonlyMap<string, readonly Taken[]> => {
  const listed = list === null ? null : new Set(list.items)
  const taken = new Map<string, Taken[]>()
  for (const row of csvRows(text, { names: COLUMNS, least: 3, wrong })) {
    const { user, value, ...what } = interactionOf(row)
    if (listed?.has(what.item) === false) throw codedError('ITEM_NOT_LISTED', `line ${row.line}`)
    if (value <= 0 || people?.has(user) === false) continue
    const own = taken.get(user)
    if (own) own.push(what)
    else taken.set(user, [what])
  }
  return taken
}

const itemsOf = (taken: Iterable<readonly Taken[]>): readonly string[] =>
  [...new Set([...taken].flatMap((own) => own.map(({ item }) => item)))].toSorted()

const interactionOf = ({
  cells,
  line,
}: CsvRow): Taken & { readonly user: string; readonly value: number } => {
  const [user = '', item = '', timestamp = '', written = '1'] = cells
  const at = timeOf(timestamp)
  const value = NUMBER.test(written) ? Number(written) : Number.NaN
  if (!isName(user)) throw wrong(line, 'user')
  if (!isName(item)) throw wrong(line, 'item')
  if (!Number.isFinite(at)) throw wrong(line, 'timestamp')
  if (!Number.isFinite(value)) throw wrong(line, 'value')
  return { user, item, at, value }
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i

const isName = (written: string): boolean => written !== '' && written.length <= 256

/** Whole numbers are compared as they are, whatever they count; an ISO time has to say its zone. */
const timeOf = (written: string): number => {
  if (/^-?\d{1,15}(\.\d{1,9})?$/.test(written)) return Number(written)
  return INSTANT.test(written) ? Date.parse(written) : Number.NaN
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/

const wrong = (line: number, what: string): Error =>
  codedError('INTERACTIONS_INVALID', `line ${line}, ${what}`)
