import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** What `decide` answers, when it does; `undefined`: nothing, ever. */
export type Decide = (subjects: readonly string[]) => unknown

export interface MadeUpConsentService {
  readonly port: number
  decide: Decide
  /** The subjects of each question. */
  readonly questions: (readonly string[])[]
  close(): Promise<void>
}

/** One that hands out leases, and says of people whatever a test wants it to say. */
export const openMadeUpConsentService = async (): Promise<MadeUpConsentService> => {
  const questions: (readonly string[])[] = []
  const server = createServer((request, response) => {
    const answer = (body: unknown): void => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body))
    }
    const read = async (): Promise<void> => {
      const asked = (await json(request)) as { after?: string | null; subjects?: readonly string[] }
      const { after = null, subjects = [] } = asked
      if (request.url === '/consent/v1/lease')
        return void setTimeout(
          () =>
            answer({ revision: '1', leaseMs: 10_000, now: Date.now(), changes: after === null ? null : [] }),
          after === null ? 0 : 100,
        )
      if (request.url !== '/consent/v1/decide') return answer({})
      questions.push(subjects)
      const said = await service.decide(subjects)
      if (said !== undefined) answer(said)
    }
    read().catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const service: MadeUpConsentService = {
    port: (server.address() as AddressInfo).port,
    decide: () => undefined,
    questions,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return service
}
