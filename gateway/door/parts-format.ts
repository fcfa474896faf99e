import { answerText, leaving } from './answer-text.ts'
import type { DoorAnswer } from './answer-text.ts'

/** How an answer in parts is written on an HTTP connection. */
export interface PartsFormat {
  readonly type: string
  readonly begin: string
  part(answer: DoorAnswer): string
  /** Shows that the stream is alive when nothing happens. */
  readonly heartbeat: string
  readonly end: string
}

/** What a client says it can read of answers in parts; null where it says nothing of the kind. */
export interface AcceptedParts {
  readonly events: PartsFormat | null
  readonly deferred: PartsFormat | null
}

/**
 * Media types of answers in parts, from the `accept` header. Server-sent events carry both kinds; the two specifications on
 * top of `multipart/mixed` carry one each, and the type alone stands for deferred parts, as clients of that format send it.
 */
export const chooseParts = (accept: string | undefined): AcceptedParts | null => {
  if (accept === undefined || !/text\/event-stream|multipart\/mixed/i.test(accept)) return null
  const types = accept
    .split(',')
    .map((type) => type.toLowerCase().replaceAll(/[\s"]/g, ''))
    .filter((type) => !NOT_TAKEN.test(type))
  const sse = types.some((type) => /^text\/event-stream(;|$)/.test(type)) ? SERVER_SENT_EVENTS : null
  const multiparts = types.filter((type) => /^multipart\/mixed(;|$)/.test(type))
  const takesEvents = multiparts.some((type) => type.includes('subscriptionspec=1.0'))
  const takesDeferred = multiparts.some(
    (type) => type.includes('deferspec=20220824') || !/(subscription|defer)spec=/.test(type),
  )
  const events = sse ?? (takesEvents ? MULTIPART_EVENTS : null)
  const deferred = takesDeferred ? MULTIPART_DEFERRED : sse
  return events === null && deferred === null ? null : { events, deferred }
}

/** A quality of nothing says what a client does not take (RFC 9110 §12.4.2). */
const NOT_TAKEN = /;q=0(\.0*)?(;|$)/

/** The `graphql-sse` protocol, distinct connections alone: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. */
const SERVER_SENT_EVENTS: PartsFormat = {
  type: 'text/event-stream; charset=utf-8',
  begin: ':\n\n',
  part: (answer) => `event: next\ndata: ${answerText(leaving(answer))}\n\n`,
  heartbeat: ':\n\n',
  end: 'event: complete\ndata:\n\n',
}

/** A part is known to be whole when the boundary after it has come, so that is written with it. */
const multipart = (specification: string, text: (answer: DoorAnswer) => string): PartsFormat => {
  const partOf = (json: string): string =>
    `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}\r\n--graphql`
  return {
    type: `multipart/mixed;boundary="graphql";${specification}`,
    begin: '\r\n--graphql',
    part: (answer) => partOf(text(answer)),
    heartbeat: partOf('{}'),
    end: '--\r\n',
  }
}

/** Multipart subscriptions as Apollo clients read them: what ended the stream stands outside the payload. */
const MULTIPART_EVENTS = multipart('subscriptionSpec=1.0', (answer) =>
  answer.data === undefined && answer.errors !== undefined
    ? `{"payload":null,"errors":${JSON.stringify(answer.errors)}}`
    : `{"payload":${answerText(leaving(answer))}}`,
)

const MULTIPART_DEFERRED = multipart('deferSpec=20220824', (answer) => answerText(leaving(answer)))
