import { createHash } from 'node:crypto'
import { AssentError } from '../errors.ts'
import { documentsOfClient, type TrustedDocuments } from '../trusted-documents.ts'
import type { GraphqlParams } from './graphql-params.ts'
import { RecentlyUsed } from './recently-used.ts'

export interface PersistedDocumentsOptions {
  /** Clients may leave a text here under its hash, and ask it by the hash from then on. */
  readonly automatic: boolean
  readonly mode: 'off' | 'allowed' | 'required'
  /** For clients that have no documents of their own. */
  readonly trusted: TrustedDocuments | null
  readonly mostCharacters?: number
}

export interface PersistedDocuments {
  /**
   * The text that is asked, sent or named. Throws `AssentError` when there is none, when it is not the one of its hash, or
   * when only trusted ones are served and it is none of them.
   */
  textOf(params: GraphqlParams, own: TrustedDocuments | undefined): string | undefined
  /** Keeps the text of a document that has turned out valid, when its client asked for that. */
  keep(params: GraphqlParams): void
}

const HASH = 'extensions.persistedQuery'

/** Documents that a client names instead of sending them: left here by clients, or listed by those who run the gateway. */
export const createPersistedDocuments = (options: PersistedDocumentsOptions): PersistedDocuments => {
  const { mode } = options
  const automatic = options.automatic && mode !== 'required'
  const recent = new RecentlyUsed<string>(options.mostCharacters ?? 4 * 1_048_576, ({ length }) => length)
  const named = (hash: string | undefined, id: string, trusted: TrustedDocuments | null): string => {
    const text = trusted?.byId(id) ?? (automatic && hash !== undefined ? recent.get(hash) : undefined)
    if (text !== undefined) return text
    const place = hash === undefined ? 'documentId' : HASH
    if (automatic && hash !== undefined) throw new AssentError('PERSISTED_QUERY_NOT_FOUND', place)
    const isListed = mode === 'required' || (trusted !== null && trusted.isBesides !== true)
    throw new AssentError(isListed ? 'PERSISTED_QUERY_NOT_IN_LIST' : 'PERSISTED_QUERY_NOT_SUPPORTED', place)
  }
  return {
    textOf(params, own) {
      const { query, documentId, extensions } = params
      const trusted = mode === 'off' ? null : documentsOfClient(own, options.trusted)
      const hash = hashOf(extensions['persistedQuery'])
      if (!query) {
        const id = hash ?? documentId
        return id === undefined ? undefined : named(hash, id, trusted)
      }
      // Before anything is executed or stored: another's text must not come to stand under a hash.
      if (hash !== undefined && hash !== sha256(query))
        throw new AssentError('PERSISTED_QUERY_MISMATCH', HASH)
      if (mode === 'required' && !trusted?.has(query)) throw new AssentError('QUERY_NOT_IN_SAFELIST', 'query')
      return query
    },
    keep({ query, extensions }) {
      const hash = hashOf(extensions['persistedQuery'])
      if (automatic && query && hash !== undefined) recent.keep(hash, query)
    },
  }
}

const hashOf = (extension: unknown): string | undefined => {
  if (extension === undefined || extension === null) return undefined
  const { version, sha256Hash } = extension as { version?: unknown; sha256Hash?: unknown }
  if (version !== 1 || typeof sha256Hash !== 'string') throw new AssentError('PARAMETERS_INVALID', HASH)
  return sha256Hash
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
