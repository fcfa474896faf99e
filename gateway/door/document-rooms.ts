import type { DocumentNode, GraphQLSchema } from 'graphql'
import type { DocumentFacts } from '../limits/document-facts.ts'
import type { ClientContract } from '../ports.ts'
import { type DocumentServer, type DocumentServerOptions, startDocumentServer } from './document-server.ts'
import { RecentlyUsed } from './recently-used.ts'

/** The part of the graph that some clients see: their documents are held to it, and to nothing else. */
export interface DoorView {
  /** Empty for the whole graph. */
  readonly key: string
  readonly schema: GraphQLSchema
  readonly suggests: boolean
}

export type ViewOf = (contract: ClientContract) => DoorView

/** Where documents of one view are validated and kept. */
export interface DocumentRoom {
  readonly server: DocumentServer
  /** Valid documents by their text: for what was asked before, nothing is hashed, parsed or validated again. */
  readonly known: RecentlyUsed<KnownDocument>
}

/** A document that fits the schema, as the same object each time it is asked: plans are kept by it. */
export interface KnownDocument {
  readonly document: DocumentNode
  readonly facts: DocumentFacts
}

export interface DocumentRooms {
  of(contract: ClientContract): DocumentRoom | Promise<DocumentRoom>
  stop(): Promise<void>
}

/** One room for each view, opened when its first client comes; the room of the whole graph is always open. */
export const openDocumentRooms = async (
  options: DocumentServerOptions,
  viewOf: ViewOf | undefined,
): Promise<DocumentRooms> => {
  const open = async (view: Pick<DoorView, 'schema' | 'suggests'>): Promise<DocumentRoom> => {
    const suggestions = options.suggestions && view.suggests
    const server = await startDocumentServer({ ...options, apiSchema: view.schema, suggestions })
    return { server, known: new RecentlyUsed(MOST_TOKENS, tokensOf) }
  }
  const whole = await open({ schema: options.apiSchema, suggests: true })
  const rooms = new Map<string, Promise<DocumentRoom>>()
  return {
    of(contract) {
      const view = viewOf?.(contract)
      if (view === undefined || view.key === '') return whole
      const room = rooms.get(view.key) ?? open(view)
      rooms.set(view.key, room)
      return room
    },
    async stop() {
      const all = await Promise.all(rooms.values())
      await Promise.all([whole, ...all].map(({ server }) => server.stop()))
    },
  }
}

/** What a document takes grows with its tokens, not with its letters: with its plan about half a kilobyte each. */
const MOST_TOKENS = 400_000

export const tokensOf = ({ facts }: KnownDocument): number => facts.document.tokenCount ?? 0
