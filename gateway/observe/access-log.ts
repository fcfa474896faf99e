/** One request in the access log. Names and counts of the catalogue, the schema and the contracts; never a value. */
export interface AccessLine {
  readonly request: string
  readonly client: string | null
  readonly purpose: string | null
  readonly type: string | null
  /** A registered name, else `other`. */
  readonly operation: string
  /** Of the document; null when there was none that fits. */
  readonly hash: string | null
  readonly status: number
  readonly outcome: string
  readonly durationMs: number
  readonly subgraphRequests: number
  readonly consentSubjects: number
  /** By `@cost`, `@listSize` and page sizes; null where it came to no operation within the limits. */
  readonly cost: number | null
  readonly withheld: number
  readonly errors: readonly string[]
}

export type AccessLog = (line: AccessLine) => void
