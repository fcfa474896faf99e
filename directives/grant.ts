/**
 * What the gateway was granted for one subgraph request. It travels in `extensions.assent` of the request body,
 * and the body is covered by the signature, so a subgraph can check each protected field against it
 * without trusting the network (OWASP API10: unsafe consumption of APIs).
 */
export interface Grant {
  /** The subgraph this request is for; a grant for another subgraph is refused. */
  readonly subgraph: string
  readonly client: string
  readonly purpose: string
  /** The id of the client's request, the same in every decision record it caused. */
  readonly request: string
  /** The pid the caller's token speaks for (`me`), when it speaks for a person. */
  readonly actor: string | null
  /**
   * Response alias of a top-level field (`_entities` or an alias of it) → scopes every subject behind it has granted.
   * A protected field under an alias that is not listed here is refused.
   */
  readonly lookups: Readonly<Record<string, LookupGrant>>
}

export interface LookupGrant {
  readonly scopes: readonly string[]
  /** True when the alias asks for nobody's default: only fields with `otherwise: ANONYMOUS`, only for the reserved key. */
  readonly anonymous?: true
}

/** The reserved subject key that stands for nobody. */
export const ANONYMOUS = 'anonymous'

/**
 * Until when what is asked for may be answered, in milliseconds since the epoch by the clock of the consent service: the end
 * of the lease by which it was decided. Whole seconds, which are all that a signature has, are longer than many a lease.
 */
export const UNTIL_HEADER = 'assent-until'

/** Parameters of an RFC 9421 signature, in the order they are written. Times are whole seconds since the epoch. */
export interface SignatureParameters {
  readonly created: number
  readonly expires: number
  readonly nonce: string
  readonly keyid: string
  /** What `assent-until` says; null where it was decided without a lease, or nothing had to be decided. */
  readonly until: string | null
}

/** `Signature-Input` without its label: the covered components and their parameters (RFC 9421 §2.3). */
export const signatureParams = ({ created, expires, nonce, keyid, until }: SignatureParameters): string =>
  `("@method" "@path" "content-digest"${until === null ? '' : ` "${UNTIL_HEADER}"`});created=${created};expires=${expires};nonce="${nonce}";keyid="${keyid}";alg="hmac-sha256"`

/** The signature base both sides sign (RFC 9421 §2.5): method, path and digest of the body, then the parameters, which whoever has written them already hands on. */
export const signatureBase = (
  path: string,
  contentDigest: string,
  parameters: SignatureParameters,
  params: string = signatureParams(parameters),
): string => {
  const until = parameters.until === null ? '' : `"${UNTIL_HEADER}": ${parameters.until}\n`
  return `"@method": POST\n"@path": ${path}\n"content-digest": ${contentDigest}\n${until}"@signature-params": ${params}`
}
