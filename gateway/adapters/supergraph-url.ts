import { AssentError } from '../errors.ts'
import { setTimeout as pause } from 'node:timers/promises'
import type { SupergraphProof } from './supergraph-proof.ts'
import type { SupergraphSource } from './supergraph-source.ts'

export interface SupergraphUrlOptions {
  readonly url: string
  /** For the whole answer, in milliseconds. */
  readonly timeoutMs: number
  readonly maxBytes: number
  /** A header that proves us to the service; its value is a secret. */
  readonly header: { readonly name: string; readonly value: string } | null
  /** What its answers have to prove; absent: nothing. */
  readonly proof?: SupergraphProof
  /** Seconds that the service may wait for a newer one before it answers; 0 asks for no such thing. */
  readonly waitSeconds?: number
}

const MOST_REDIRECTS = 5

/** A supergraph that a service publishes. It is asked with the ETag of the last answer, so that an unchanged one costs nothing. */
export const supergraphUrl = (options: SupergraphUrlOptions): SupergraphSource => {
  const url = new URL(options.url)
  let etag: string | null = null
  let isFirst = true
  return {
    // A query may hold a key.
    name: `${url.origin}${url.pathname}`,
    mayBeAway: true,
    async read() {
      try {
        const signal = AbortSignal.timeout(options.timeoutMs)
        const answered = await readOnce(url, { ...options, etag, signal })
        isFirst = false
        if (answered === null) return null
        etag = answered.etag
        return answered.text
      } catch (problem) {
        const kept = isFirst ? (options.proof?.lastGood() ?? null) : null
        isFirst = false
        if (kept === null) throw problem
        return kept
      }
    },
    onChange(changed) {
      const stopping = new AbortController()
      if ((options.waitSeconds ?? 0) > 0)
        void waitForChanges({ url, options, etag: () => etag, changed, stopping: stopping.signal })
      return () => stopping.abort()
    },
  }
}

const readOnce = async (
  url: URL,
  asking: Asking,
): Promise<{ readonly text: string; readonly etag: string | null } | null> => {
  const response = await follow(url, asking)
  if (response.status === 304 && asking.etag !== null) {
    await discard(response)
    asking.proof?.confirm((name) => response.headers.get(name))
    return null
  }
  if (response.status !== 200) {
    await discard(response)
    throw unavailable(url, `status ${response.status}`)
  }
  const text = await readText(response, url, asking.maxBytes)
  asking.proof?.accept((name) => response.headers.get(name), text)
  return { text, etag: response.headers.get('etag') }
}

interface Waiting {
  readonly url: URL
  readonly options: SupergraphUrlOptions
  readonly etag: () => string | null
  readonly changed: () => void
  readonly stopping: AbortSignal
}

/** A service that waits for a newer one answers as soon as there is one; one that does not is asked no more than once a second. */
const LEAST_PAUSE_MS = 1000

const waitForChanges = async ({ url, options, etag, changed, stopping }: Waiting): Promise<void> => {
  const waiting = new URL(url)
  waiting.searchParams.set('wait', String(options.waitSeconds))
  const longest = (options.waitSeconds ?? 0) * 1000 + options.timeoutMs
  while (!stopping.aborted) {
    const began = performance.now()
    try {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(longest)])
      const response = await follow(waiting, { ...options, etag: etag(), signal })
      await discard(response)
      if (response.status === 200 && !stopping.aborted) changed()
    } catch {
      // That it is away is found out, and told, by the next look.
    }
    const left = LEAST_PAUSE_MS - (performance.now() - began)
    await pause(Math.max(50, left), undefined, { signal: stopping, ref: false }).catch(() => undefined)
  }
}

interface Asking extends SupergraphUrlOptions {
  readonly etag: string | null
  readonly signal: AbortSignal
}

/** Redirects are followed within the origin only: another one would be told our secret, and could set our rules. */
const follow = async (start: URL, { header, etag, signal }: Asking): Promise<Response> => {
  const headers = {
    accept: 'text/plain, application/graphql, */*;q=0.1',
    ...(etag !== null && { 'if-none-match': etag }),
    ...(header !== null && { [header.name]: header.value }),
  }
  let url = start
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await ask(url, { headers, signal, redirect: 'manual' })
    const location = isRedirect(response.status) ? response.headers.get('location') : null
    if (location === null) return response
    await discard(response)
    if (!URL.canParse(location, url.href)) throw unavailable(start, 'redirects to no url')
    url = new URL(location, url)
    if (url.origin !== start.origin) throw unavailable(start, 'redirects to another origin')
  }
  throw unavailable(start, 'redirects without end')
}

const ask = async (url: URL, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(url.href, init)
  } catch (cause) {
    throw unavailable(url, 'no answer', cause)
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

const discard = async (response: Response): Promise<null> => {
  await response.body?.cancel().catch(() => undefined)
  return null
}

const readText = async (response: Response, url: URL, limit: number): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > limit) throw new AssentError('SUPERGRAPH_TOO_LARGE', `${url.origin}${url.pathname}`)
      chunks.push(chunk)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw cause instanceof AssentError ? cause : unavailable(url, 'the answer broke off', cause)
  }
}

const unavailable = ({ origin, pathname }: URL, how: string, cause?: unknown): AssentError =>
  new AssentError('SUPERGRAPH_UNAVAILABLE', `${origin}${pathname}, ${how}`, { cause })
