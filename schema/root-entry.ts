import type { GraphQLError } from 'graphql'

/**
 * Whether a composition error only says that no subgraph leads from one part of the query root to another. There is
 * nothing to lead there: a root type has no identity, and any subgraph's part of it can be asked for at any place.
 * What lies below is looked at from the root itself.
 */
export const isRootEntry = (error: GraphQLError): boolean => {
  if (error.extensions['code'] !== 'SATISFIABILITY_ERROR') return false
  const [, told = ''] = error.message.split('cannot be satisfied by the subgraphs because:\n')
  const reasons = told
    .split('\n')
    .map((line) => line.replace(/^- from subgraph "[^"]*":/, '').replace(/^ *(?:- )?/, ''))
    .filter((reason) => reason !== '')
  return reasons.some((reason) => MOVE.test(reason)) && reasons.every((reason) => ROOT_ONLY.test(reason))
}

const MOVE =
  /^cannot move to subgraph "[^"]*", which has field "Query\.\w+", because type "Query" has no @key defined in subgraph "[^"]*"\.$/

const ROOT_ONLY = new RegExp(String.raw`^cannot find field "Query\.\w+"\.$|${MOVE.source}`)
