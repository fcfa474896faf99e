import { basename, extname } from 'node:path'
import { CodedFailure } from '../../../coded-failure.ts'
import { dateOrderOf } from './date-order.ts'
import { checkMapping, type TableMapping } from './mapping.ts'
import { openTable, type Table, type TableOptions } from './open-table.ts'
import { proposeMapping, type TableSample } from './propose-mapping.ts'
import type { Source } from './read-rows.ts'
import { sampleTable } from './sample-table.ts'

export interface SourcesOptions extends TableOptions {
  readonly files: readonly string[]
  /** None: proposed for each table. One: for all. Else one a table, in their order. */
  readonly mappings: readonly { readonly mapping: TableMapping; readonly place: string }[]
  /** ISO 3166-1 alpha-2: how dates are written there, where the dates themselves do not tell. */
  readonly region: string | null
}

/** Opens tables and finds out how each is to be read. Nothing is matched yet. */
export const openSources = async (options: SourcesOptions): Promise<readonly Source[]> => {
  const { files, mappings, region } = options
  if (mappings.length > 1 && mappings.length !== files.length)
    throw new CodedFailure('MATCH_MAPPING_INVALID', `${mappings.length} mappings for ${files.length} tables`)
  const twice = files.find((file, at) => files.indexOf(file) !== at)
  if (twice !== undefined) throw new CodedFailure('TABLE_UNREADABLE', `${twice}: it is named twice`)
  const names = namesOf(files)
  const sources: Source[] = []
  for (const [at, file] of files.entries()) {
    // eslint-disable-next-line no-await-in-loop -- one disk
    const table = await openTable(file, options)
    // eslint-disable-next-line no-await-in-loop
    const sample = await sampleTable(table)
    const mapping = mappingFor(table, sample, mappings.length > 1 ? mappings[at] : mappings[0])
    sources.push({ name: names[at] ?? file, table, mapping, dateOrder: orderIn(sample, mapping, region) })
  }
  return sources
}

const mappingFor = (
  table: Table,
  sample: TableSample,
  given: SourcesOptions['mappings'][number] | undefined,
): TableMapping => {
  if (given === undefined) return proposeMapping(sample)
  checkMapping(given.mapping, table.columns, `${given.place}, ${table.file}`)
  return given.mapping
}

const orderIn = (
  { columns, rows }: TableSample,
  { fields }: TableMapping,
  region: string | null,
): Source['dateOrder'] => {
  const places = columns.flatMap((column, at) => (fields.get(column) === 'date_of_birth' ? [at] : []))
  return dateOrderOf(
    rows.flatMap((row) => places.map((at) => row[at] ?? '')),
    region,
  )
}

/** By the name of the file; where two are of one name, by their turn, too. */
const namesOf = (files: readonly string[]): readonly string[] => {
  const stems = files.map((file) => basename(file, extname(file)))
  return stems.map((stem, at) =>
    stems.filter((other) => other === stem).length > 1 ? `${stem}-${at + 1}` : stem,
  )
}
