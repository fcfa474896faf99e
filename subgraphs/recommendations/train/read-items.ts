import { codedError } from '../../coded-error.ts'
import { csvRows } from './csv-rows.ts'

/** What everybody may know of items. */
export interface ItemList {
  readonly items: readonly string[]
  /** By place: the number of the category; null where the file names none. */
  readonly categories: Int32Array | null
}

/** `item[,category]`. */
export const readItems = (text: string): ItemList => {
  const found = new Map<string, string>()
  for (const { cells, line } of csvRows(text, { names: ['item', 'category'], least: 1, wrong })) {
    const [item = '', category = NONE] = cells
    if (item === '' || category === '') throw wrong(line, item === '' ? 'item' : 'category')
    if (found.has(item)) throw wrong(line, 'item, which stands there twice')
    found.set(item, category)
  }
  const items = [...found.keys()].toSorted()
  const kinds = [...new Set(found.values())].toSorted()
  const isNamed = kinds[0] !== NONE
  return {
    items,
    categories: isNamed ? Int32Array.from(items, (item) => kinds.indexOf(found.get(item) ?? NONE)) : null,
  }
}

/** No cell holds it. */
const NONE = '\n'

const wrong = (line: number, what: string): Error => codedError('ITEMS_INVALID', `line ${line}, ${what}`)
