import { isAscii, isUtf8 } from 'node:buffer'
import type { Dispatcher } from 'undici'

export interface ExchangeListener {
  /** A whole answer in JSON, whatever its status. */
  answered(text: string, status: number): void
  failed(failure: ExchangeFailure): void
  /** Asked when it is about to be written to a connection; false: it is not. */
  mayLeave(): boolean
}

export interface ExchangeFailure {
  readonly code: 'SUBGRAPH_UNREACHABLE' | 'SUBGRAPH_RESPONSE_INVALID' | 'CONSENT_OVERTAKEN'
  /** No byte of an answer came. */
  readonly isSilent: boolean
  /** 0 when there was no answer. */
  readonly status: number
  /** May name host and port: for the log. */
  readonly cause: unknown
}

/** What is refused is read up to here, so that the connection can be kept. */
const DRAINED_BYTES = 65_536

/**
 * One request on a connection: gathers the chunks of the answer and decodes them once. It speaks the handler's first
 * dialect, the one the connection itself calls: the other parses every header of every answer.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  private readonly listener: ExchangeListener
  private readonly limit: number
  private readonly chunks: Buffer[] = []
  private size = 0
  private status = 0
  private isSilent = true
  private isJson = false
  private isCut = false
  private isSettled = false
  private abort: ((cause?: Error) => void) | undefined

  constructor(listener: ExchangeListener, limit: number) {
    this.listener = listener
    this.limit = limit
  }

  /** Closes the connection if there is one; a request that still waits for one is never written. */
  cut(): void {
    this.isCut = true
    this.abort?.(CUT)
  }

  onConnect(abort: (cause?: Error) => void): void {
    this.abort = abort
    if (this.isCut) return abort(CUT)
    if (this.listener.mayLeave()) return
    this.fail('CONSENT_OVERTAKEN', undefined)
    this.cut()
  }

  onResponseStarted(): void {
    this.isSilent = false
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status < 200) return true
    this.status = status
    this.isJson = isPlainJson(headers)
    return true
  }

  onData(chunk: Buffer): boolean {
    this.size += chunk.length
    if (this.isJson) this.chunks.push(chunk)
    if (this.size > (this.isJson ? this.limit : DRAINED_BYTES)) this.refuse(undefined)
    return true
  }

  onComplete(): void {
    const text = this.isJson ? decode(this.chunks, this.size) : undefined
    if (text === undefined) return this.refuse(undefined)
    if (this.isSettled) return
    this.isSettled = true
    this.listener.answered(text, this.status)
  }

  onError(cause: Error): void {
    if (isNotHttp(cause)) this.refuse(cause)
    else this.fail('SUBGRAPH_UNREACHABLE', cause)
  }

  private refuse(cause: unknown): void {
    this.fail('SUBGRAPH_RESPONSE_INVALID', cause)
    this.cut()
  }

  private fail(code: ExchangeFailure['code'], cause: unknown): void {
    if (this.isSettled) return
    this.isSettled = true
    this.listener.failed({ code, isSilent: this.isSilent, status: this.status, cause })
  }
}

const CUT = new Error('nobody waits for this answer')

/** The answer is taken as it is: in JSON, in UTF-8 (RFC 8259 §8.1), not compressed, as nothing else was asked for. */
const JSON_TYPE = /^application\/(graphql-response\+)?json *(; *charset="?utf-8"? *)?$/i

const isPlainJson = (headers: readonly Buffer[]): boolean => {
  let isJson = false
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]
    if (name?.length !== CONTENT_TYPE.length && name?.length !== CONTENT_ENCODING.length) continue
    const said = name.toString('latin1').toLowerCase()
    if (said === CONTENT_ENCODING) return false
    if (said !== CONTENT_TYPE) continue
    isJson = JSON_TYPE.test(headers[at + 1]?.toString('latin1') ?? '')
    if (!isJson) return false
  }
  return isJson
}

const CONTENT_TYPE = 'content-type'
const CONTENT_ENCODING = 'content-encoding'

const decode = (chunks: readonly Buffer[], size: number): string | undefined => {
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) return undefined
  // A byte order mark may be ignored (RFC 8259 §8.1).
  return bytes.toString('utf8', bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)
}

/** What the other side said is no HTTP, or more of it than fits. */
const isNotHttp = (cause: Error & { code?: unknown }): boolean =>
  typeof cause.code === 'string' && NOT_HTTP.test(cause.code)

const NOT_HTTP = /^(HPE_|UND_ERR_(HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)$)/
