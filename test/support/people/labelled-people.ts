/** People made up for tests of matching, as a file would bring them, and which row is whose. */
export interface LabelledPeople {
  readonly columns: readonly string[]
  /** In the order of the columns; the first is the id. */
  readonly rows: readonly (readonly string[])[]
  /** Id of a row → the person it is about. */
  readonly personOf: ReadonlyMap<string, number>
  /** Column → kind, as a mapping file says it. Columns that are not named here are ignored. */
  readonly fields: Readonly<Record<string, string>>
}

/** As a file: quoted where it must be (RFC 4180), the answer left out. */
export const asCsv = ({ columns, rows }: Pick<LabelledPeople, 'columns' | 'rows'>): string =>
  [columns, ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join('')

export const asMapping = ({ columns, fields }: Pick<LabelledPeople, 'columns' | 'fields'>): string => {
  const ignored = columns.slice(1).filter((column) => fields[column] === undefined)
  const lines = Object.entries(fields).map(([column, kind]) => `  ${column}: ${kind}\n`)
  return `id: ${columns[0] ?? ''}\nfields:\n${lines.join('')}ignore: [${ignored.join(', ')}]\n`
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
