/** Something that is read by GET and is not GraphQL. */
export interface Page {
  readonly type: string
  readonly body: string | Buffer
  readonly status?: number
}
