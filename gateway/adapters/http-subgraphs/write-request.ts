import { type Grant, type LookupGrant, UNTIL_HEADER } from '../../../directives/grant.ts'
import { isHeaderValue } from '../../header-rules.ts'
import type { HeaderRules } from '../../header-rules.ts'
import type { IncomingHeaders, LeaseTerm, SubgraphRequest } from '../../ports.ts'
import type { GrantHeaders, GrantSigner } from '../grant-signer.ts'
import type { HeaderLines } from './connections.ts'
import { createForwardHeaders } from './forward-headers.ts'

/** One request as it is sent. */
export interface WrittenRequest {
  readonly body: Buffer
  /** Everything that is sent and can change the answer: whoever has the same asks the same. */
  readonly key: string
  /** A query may be asked again, and for several at once; nothing else may. */
  readonly isRepeatable: boolean
  /** Asked when it is about to be written to a connection. */
  readonly mayLeave: () => boolean
  /** Whether the lease it was signed under is over, by any clock that is allowed to be ahead of ours. */
  readonly isLate: () => boolean
  /** Made for each exchange: a signature is good for one. */
  headers(leftMs: number): HeaderLines
}

export interface RequestWriterOptions {
  readonly subgraph: string
  readonly url: URL
  readonly sign: GrantSigner | null
  readonly headers: HeaderRules
  readonly deadlineHeader: string | null
  /** The rest of the lease that decisions rest on; null where there is none. */
  readonly term?: () => LeaseTerm | null
  /** Media types of answers that are read; JSON unless told otherwise. */
  readonly accept?: string
}

export type WriteRequest = (request: SubgraphRequest) => WrittenRequest

/** Puts a request together from text that is ready, with the grant where the graph has personal data. */
export const createRequestWriter = (options: RequestWriterOptions): WriteRequest => {
  const { subgraph, url, sign, accept = JSON_ANSWERS, deadlineHeader } = options
  const forward = createForwardHeaders(options.headers, subgraph)
  const termOf = options.term ?? NO_TERM
  const path = url.pathname
  const grantedText = createGrantedText()
  return ({ kind, documentJson, variables, grant, incoming, mayLeave }) => {
    const { request: id } = grant
    const forwarded = forward(incoming)
    const asked = `{"query":${documentJson},"variables":${variables}`
    const decided = sign === null ? asked : `${asked},"extensions":{"assent":{${grantedText(grant)}`
    let signatureEnds = Number.POSITIVE_INFINITY
    // As bytes it is what is digested, and what is sent: text would be encoded for each.
    const body = Buffer.from(sign === null ? `${asked}}` : `${decided},"request":${JSON.stringify(id)}}}}`)
    return {
      body,
      // No line break can be in a header, so no two requests read the same.
      key: forwarded.length === 0 ? decided : `${decided}\n${forwarded.join('\n')}`,
      isRepeatable: kind === 'query',
      // A signature that waited for a connection for too long is not sent, for it would be refused.
      mayLeave: mayLeave === undefined ? ALWAYS : () => performance.now() < signatureEnds && mayLeave(),
      isLate: () => performance.now() >= signatureEnds - SKEW_MS,
      headers: (leftMs) => {
        // What protects nobody rests on no lease.
        const term = mayLeave === undefined ? null : termOf()
        signatureEnds = term === null ? Number.POSITIVE_INFINITY : performance.now() + term.leftMs
        const lines = ['content-type', 'application/json', 'accept', accept, 'x-request-id', id]
        for (const line of traceOf(incoming)) lines.push(line)
        for (const line of forwarded) lines.push(line)
        if (deadlineHeader !== null) lines.push(deadlineHeader, String(Math.max(1, Math.floor(leftMs))))
        if (sign !== null) pushSigned(lines, sign(subgraph, path, body, term))
        return lines
      },
    }
  }
}

/** What the clocks of subgraphs may be ahead of that of the consent service by (docs/consent-protocol.md). */
const SKEW_MS = 250

const pushSigned = (lines: string[], signed: GrantHeaders): void => {
  lines.push('content-digest', signed['content-digest'], 'signature-input', signed['signature-input'])
  lines.push('signature', signed.signature)
  const until = signed[UNTIL_HEADER]
  if (until !== undefined) lines.push(UNTIL_HEADER, until)
}

/**
 * The members of a grant but the request's own: whoever was granted the same asks the same. Callers of one kind come one after
 * the other, so what stands before the lookups is written when it changes.
 */
const createGrantedText = (): ((grant: Grant) => string) => {
  let latest: Grant | null = null
  let beginning = ''
  return (grant) => {
    const { subgraph, client, purpose, actor } = grant
    if (
      latest?.subgraph !== subgraph ||
      latest.client !== client ||
      latest.purpose !== purpose ||
      latest.actor !== actor
    ) {
      latest = grant
      beginning = `${JSON.stringify({ subgraph, client, purpose, actor }).slice(1, -1)},"lookups":`
    }
    return beginning + lookupsText(grant.lookups)
  }
}

/** An alias is a GraphQL name: it needs nothing but its quotes. */
const lookupsText = (lookups: Grant['lookups']): string => {
  let text = ''
  for (const alias in lookups) {
    const lookup = lookups[alias]
    if (lookup !== undefined) text += `${text === '' ? '' : ','}"${alias}":${lookupText(lookup)}`
  }
  return `{${text}}`
}

/** By the scopes, which one set of answers has once a plan. */
const scopesTexts = new WeakMap<readonly string[], string>()

const lookupText = (lookup: LookupGrant): string => {
  if (lookup.anonymous === true) return JSON.stringify(lookup)
  const known = scopesTexts.get(lookup.scopes)
  if (known !== undefined) return known
  const text = JSON.stringify({ scopes: lookup.scopes })
  scopesTexts.set(lookup.scopes, text)
  return text
}

const NO_LINES: HeaderLines = []

const ALWAYS = (): boolean => true

const NO_TERM = (): null => null

const JSON_ANSWERS = 'application/graphql-response+json, application/json'

/** The trace the request belongs to goes along (W3C Trace Context §3.2, §3.3); it changes no answer, so it is not in the key. */
const traceOf = (incoming: IncomingHeaders): HeaderLines => {
  const traceparent = incoming('traceparent')
  if (traceparent === undefined || !/^[0-9a-f]{2}(-[0-9a-f]+){3}$/.test(traceparent)) return NO_LINES
  const tracestate = incoming('tracestate')
  const isFit = tracestate !== undefined && isHeaderValue(tracestate)
  return ['traceparent', traceparent, ...(isFit ? ['tracestate', tracestate] : [])]
}
