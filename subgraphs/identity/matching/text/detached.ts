/**
 * The same text, held for itself. A piece of a longer text keeps all of it in memory: one kept value of each part of a
 * file would keep the file.
 */
export const detached = (text: string): string =>
  text.length < SHORTEST_PIECE ? text : Buffer.from(text).toString()

/** V8 copies what is shorter. */
const SHORTEST_PIECE = 13
