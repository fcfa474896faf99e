import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Posted {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly event: {
    readonly revision: string
    readonly subject: string
    readonly scope: string | null
    readonly status: string | null
  }
}

export type Answering = (posted: Posted, response: ServerResponse) => void

/** Somebody who is posted events, and remembers each. Answers 204 until told otherwise. */
export class WebhookServer {
  readonly posted: Posted[] = []
  answer: Answering = taken
  #watchers: (() => void)[] = []
  readonly #server = createServer((request, response) => void this.#take(request, response))

  static async open(): Promise<WebhookServer> {
    const server = new WebhookServer()
    await new Promise<void>((listening) => server.#server.listen(0, '127.0.0.1', listening))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`
  }

  /** Whom it was told about, and which revision, in the order it came. */
  get told(): readonly string[] {
    return this.posted.map(({ event }) => `${event.revision} ${event.subject}`)
  }

  /** Resolves when so many events have come. */
  async reached(count: number): Promise<void> {
    while (this.posted.length < count) await new Promise<void>((more) => this.#watchers.push(more))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const posted = {
      headers: request.headers as Record<string, string>,
      body,
      event: JSON.parse(body) as Posted['event'],
    }
    this.posted.push(posted)
    for (const watcher of this.#watchers.splice(0)) watcher()
    this.answer(posted, response)
  }
}

export const taken: Answering = (_posted, response) => void response.writeHead(204).end()

export const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): Answering =>
  (_posted, response) =>
    void response.writeHead(status, headers).end(body)

/** Takes the event and is never heard of again. */
export const hanging: Answering = () => {}

export const hangingUp: Answering = (_posted, response) => void response.destroy()
