import { AssentError } from '../../errors.ts'
import { markNumbers } from '../../exact-numbers.ts'
import type { SubgraphError, SubgraphResponse } from '../../ports.ts'

/** A response is a map with `data`, `errors` or both (GraphQL specification §7.1). Everything else is dropped unread. */
export const readAnswer = (subgraph: string, text: string): SubgraphResponse => {
  const parsed = parseJson(text)
  if (!isRecord(parsed)) throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
  const { data = null, errors = [] } = parsed as { data?: unknown; errors?: unknown }
  const answered = data !== null || (Array.isArray(errors) && errors.length > 0)
  if (!answered || (data !== null && !isRecord(data)) || !Array.isArray(errors) || !errors.every(isError)) {
    throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
  }
  return { data, errors }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(markNumbers(text))
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isError = (value: unknown): value is SubgraphError => {
  if (!isRecord(value) || typeof value['message'] !== 'string') return false
  const { path, extensions } = value as { path?: unknown; extensions?: unknown }
  const isKey = (key: unknown): boolean => typeof key === 'string' || Number.isInteger(key)
  const pathFits = path === undefined || path === null || (Array.isArray(path) && path.every(isKey))
  return pathFits && (extensions === undefined || extensions === null || isRecord(extensions))
}
