import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'
import { describe, expect, test } from 'vitest'
import { extensionSchema } from '../../subgraphs/recommendations/vectors/sql-extension.ts'

/** A server that knows of the extension what is said here. */
function serverWith(
  installed: readonly { readonly schema: string; readonly version: string }[],
  refusal: string | null,
): Kysely<unknown> {
  const query = async (text: string): Promise<unknown> => {
    if (text.trimStart().startsWith('create extension') && refusal !== null)
      throw Object.assign(new Error('refused'), { code: refusal })
    return { command: 'SELECT', rowCount: installed.length, rows: installed }
  }
  const client = { query, release: () => {} } as unknown as PostgresPoolClient
  return new Kysely({
    dialect: new PostgresDialect({ pool: { connect: async () => client, end: async () => {} } }),
  })
}

describe('pgvector on a server of one’s own', () => {
  test.each(['0A000', '58P01', '42501'])(
    'is missing and cannot be made (%s): said with what is to be done',
    async (code) => {
      await expect(extensionSchema(serverWith([], code))).rejects.toMatchObject({
        code: 'PGVECTOR_MISSING',
        message: expect.stringContaining('recommendations.vectors'),
      })
    },
  )

  test.each(['0.7.4', '0.5.0'])('is too old with %s: its scans answer too few', async (version) => {
    await expect(extensionSchema(serverWith([{ schema: 'public', version }], null))).rejects.toMatchObject({
      code: 'PGVECTOR_MISSING',
      place: `extension vector ${version}`,
    })
  })

  test.each(['0.8.0', '0.8.5', '0.10.1', '1.0'])('will do with %s, wherever it is', async (version) => {
    expect(await extensionSchema(serverWith([{ schema: 'extensions', version }], null))).toBe('extensions')
  })

  test('that failed for another reason is not said to be missing', async () => {
    await expect(extensionSchema(serverWith([], '57P01'))).rejects.toMatchObject({ code: '57P01' })
  })
})
