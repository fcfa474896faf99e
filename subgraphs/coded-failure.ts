import { sentenceOf, SUBGRAPH_ERRORS, type SubgraphErrorCode } from './error-catalogue.ts'

/** What keeps a subgraph, its tables or an import from running. Told to who runs it, with the remedy. */
export class CodedFailure extends Error {
  readonly code: SubgraphErrorCode
  readonly place: string

  constructor(code: SubgraphErrorCode, place: string) {
    super(`${sentenceOf(code, place)} ${SUBGRAPH_ERRORS[code].remedy}`)
    this.name = 'CodedFailure'
    this.code = code
    this.place = place
  }
}
