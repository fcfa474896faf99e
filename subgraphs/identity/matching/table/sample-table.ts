import type { Table } from './open-table.ts'
import type { TableSample } from './propose-mapping.ts'

/** The first rows that can be read: enough to tell what the columns hold and how dates are written. */
export const sampleTable = async (table: Table): Promise<TableSample> => {
  const { file, columns } = table
  const rows: (readonly string[])[] = []
  for await (const part of table.rows()) {
    for (const row of part) if ('cells' in row) rows.push(row.cells)
    if (rows.length >= ENOUGH) break
  }
  return { file, columns, rows: rows.slice(0, ENOUGH) }
}

const ENOUGH = 20_000
