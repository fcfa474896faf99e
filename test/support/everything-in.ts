import { sql } from 'kysely'
import type { Engine } from '../../subgraphs/database.ts'

/** Every row of every table of a schema as text; bytes as they are, in hex and in base64. */
export async function everythingIn(engine: Engine, schema: string): Promise<string> {
  const { rows: columns } = await sql<{ table: string; column: string; type: string }>`
    select c.table_name as table, c.column_name as column, c.data_type as type
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = ${schema} and t.table_type = 'BASE TABLE'`.execute(engine.admin)
  const texts: string[] = []
  for (const { table, column, type } of columns) {
    const { rows } = await sql<{ value: Buffer | string | null }>`
      select ${type === 'bytea' ? sql.ref(column) : sql`${sql.ref(column)}::text`} as value
      from ${sql.table(`${schema}.${table}`)}`.execute(engine.admin)
    for (const { value } of rows) texts.push(`${schema}.${table}.${column}: ${textOf(value)}`)
  }
  return texts.join('\n')
}

function textOf(value: Buffer | string | null): string {
  if (value === null || typeof value === 'string') return value ?? ''
  return [value.toString('latin1'), value.toString('hex'), value.toString('base64')].join(' ')
}
