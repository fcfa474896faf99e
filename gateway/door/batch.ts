import { AssentError } from '../errors.ts'
import { answerText, leaving } from './answer-text.ts'
import type { DoorAnswer } from './answer-text.ts'
import { paramsFromBody } from './graphql-params.ts'
import type { GraphqlParams } from './graphql-params.ts'

/**
 * Several operations in one body, as a JSON array: each is held to everything one operation is held to, and answered in its
 * place; one that is wrong fails alone. Refused as a whole when there are more than the limit, 1 meaning that batches are not
 * served: each member costs as much as a request, and rate limits count requests (OWASP API4).
 */
export const batchText = async (
  members: readonly unknown[],
  most: number,
  answer: (params: () => GraphqlParams, position: number) => Promise<DoorAnswer>,
): Promise<string> => {
  if (members.length === 0) throw new AssentError('PARAMETERS_INVALID', 'body')
  if (most === 1 || members.length > most) throw new AssentError('BATCH_TOO_LARGE', 'http.batch')
  const answers = await Promise.all(members.map((member, at) => answer(() => paramsFromBody(member), at)))
  return `[${answers.map((one) => answerText(leaving(one))).join(',')}]`
}
