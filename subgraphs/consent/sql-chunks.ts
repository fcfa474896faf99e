/** How many rows go into one statement, so that a large import needs no large message. */
const CHUNK = 2_000

/** Sends rows as texts for `jsonb_to_recordset`, a chunk at a time. */
export async function inChunks(
  rows: readonly object[],
  send: (chunk: string) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += CHUNK)
    // eslint-disable-next-line no-await-in-loop -- one connection, one statement after the other
    await send(JSON.stringify(rows.slice(start, start + CHUNK)))
}
