import { createHash } from 'node:crypto'

/** As decision records name the supergraph. */
export const digestOf = (supergraph: string): string =>
  createHash('sha256').update(supergraph).digest('hex').slice(0, 16)
