import type { Answered } from './run-case.ts'
import type { Case } from './suite.ts'

/** One request over HTTP, as a client that knows GraphQL over HTTP makes it. */
export const ask = async (
  url: string,
  {
    query,
    variables,
    operationName,
    needs = [],
  }: Pick<Case, 'query' | 'variables' | 'operationName' | 'needs'>,
): Promise<Answered> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: acceptFor(needs) },
    body: JSON.stringify({ query, variables, operationName }),
    signal: AbortSignal.timeout(15_000),
  })
  return { status: response.status, text: await response.text() }
}

const acceptFor = (needs: readonly string[]): string => {
  if (needs.includes('subscriptions')) return 'text/event-stream'
  return needs.includes('defer')
    ? 'multipart/mixed;deferSpec=20220824, application/json;q=0.9'
    : 'application/graphql-response+json, application/json;q=0.9'
}
