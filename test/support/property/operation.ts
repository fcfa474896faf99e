/** An operation as a client would send it. */
export interface Operation {
  readonly query: string
  readonly variables: Record<string, unknown>
}
