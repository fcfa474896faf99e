import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { subgraphKey } from '../../../gateway/adapters/grant-signer.ts'
import { createGrantVerifier, type Refusal } from '../../../subgraphs/grant-verifier.ts'
import type { Register } from '../history.ts'
import { peopleSubgraphs } from '../people-subgraphs.ts'
import { SUBGRAPH_NAMES } from './person-graph.ts'

export interface RecordingSubgraphs {
  readonly port: number
  close(): Promise<void>
}

export interface RecordingOptions {
  readonly secret: string
  /** Told of every request that was answered, from which of our ports it came, and what it carried. */
  readonly onAnswered: (port: number, carried: readonly Register[]) => void
  readonly onRefused: (refusal: Refusal) => void
  /** Takes the look at signatures out, as in a subgraph that trusts its network. */
  readonly trustsEverybody?: boolean
}

interface Body {
  readonly query: string
  readonly variables: object
  readonly extensions?: { readonly assent: Parameters<typeof peopleSubgraphs>[0]['grant'] }
}

/** Subgraphs that answer what they are asked, where the grant of the request is good, and note what was carried to them. */
export const openRecordingSubgraphs = async (options: RecordingOptions): Promise<RecordingSubgraphs> => {
  const { secret, onAnswered, onRefused, trustsEverybody = false } = options
  const verifiers = new Map(
    SUBGRAPH_NAMES.map((subgraph) => [
      `/${subgraph}`,
      createGrantVerifier({ subgraph, key: subgraphKey(secret, subgraph), clock: Date.now }),
    ]),
  )
  const answer = (request: IncomingMessage, written: string): object => {
    const path = request.url ?? ''
    const body = JSON.parse(written) as Body
    const verdict = verifiers.get(path)?.({ path, headers: request.headers, text: written, body })
    const refused = verdict === undefined ? 'UNSIGNED' : 'refused' in verdict ? verdict.refused : null
    if (refused !== null) onRefused(refused)
    const { query: document, variables, extensions } = body
    const grant = extensions?.assent
    if (grant === undefined || (refused !== null && !trustsEverybody)) return REFUSED
    const { carried, response } = peopleSubgraphs({ document, variables: JSON.stringify(variables), grant })
    if (carried.length > 0) onAnswered(request.socket.remotePort ?? 0, carried)
    return { data: response.data }
  }
  const server = createServer((request, response) => {
    text(request).then(
      (written) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(answer(request, written)))
      },
      () => response.destroy(),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const REFUSED = {
  data: null,
  errors: [
    { message: 'needs a grant that this request does not carry', extensions: { code: 'GRANT_MISSING' } },
  ],
}
