import { SUBGRAPH_ERRORS, type SubgraphErrorCode } from '../error-catalogue.ts'

/** Why nothing was answered, as part of the answer: whoever asks through a gateway sees no error of a subgraph. */
export interface Refusal {
  readonly code: SubgraphErrorCode
  readonly message: string
  readonly remedy: string
  /** An argument, a metric, a limit; nothing of it depends on anybody's data. */
  readonly place: string
}

/** Thrown where the question is read, and caught where it is answered. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(code: SubgraphErrorCode, place: string) {
    const { sentence, remedy } = SUBGRAPH_ERRORS[code]
    super(sentence)
    this.refusal = { code, message: sentence, remedy, place }
  }
}

export const refused = (code: SubgraphErrorCode, place: string): Refused => new Refused(code, place)
