/** The cells of one row of CSV whose quotes are known to be closed (RFC 4180). */
export function csvCells(row: string): readonly string[] {
  if (!row.includes('"')) return row.split(',')
  const cells: string[] = []
  let at = 0
  for (;;) {
    const { cell, end } = row[at] === '"' ? quotedCell(row, at + 1) : plainCell(row, at)
    cells.push(cell)
    if (end >= row.length) return cells
    at = end + 1
  }
}

interface Cell {
  readonly cell: string
  /** The comma behind it, or the end of the row. */
  readonly end: number
}

function plainCell(row: string, start: number): Cell {
  const comma = row.indexOf(',', start)
  const end = comma === -1 ? row.length : comma
  return { cell: row.slice(start, end), end }
}

function quotedCell(row: string, start: number): Cell {
  let at = row.indexOf('"', start)
  while (row[at + 1] === '"') at = row.indexOf('"', at + 2)
  return { cell: row.slice(start, at).replaceAll('""', '"'), end: at + 1 }
}
