export interface OracleRequest {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** Answers a request as a real GraphQL server does, however slowly. */
export type Oracle = (request: OracleRequest) => Promise<unknown>
