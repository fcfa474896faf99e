import { markNumbers } from '../exact-numbers.ts'

/** A key that no client can write. */
const EXACT = Symbol('exact variables')

/**
 * JSON with operations in it. Of those whose variables hold numbers that JavaScript would round, the variables are kept a
 * second time, with these numbers marked: what is sent on has the digits that came (RFC 8259 §6 leaves precision open).
 */
export const parseOperations = (
  text: string,
  operationsIn: (body: unknown) => readonly unknown[],
): unknown => {
  const body: unknown = JSON.parse(text)
  const operations = operationsIn(body)
  if (!operations.some(hasVariables)) return body
  const marked = markNumbers(text)
  if (marked === text) return body
  const exact = operationsIn(JSON.parse(marked))
  for (const [index, operation] of operations.entries())
    if (isRecord(operation)) operation[EXACT] = variablesOf(exact[index])
  return body
}

/** Undefined where the variables themselves are exact. */
export const exactVariables = (operation: object): Readonly<Record<string, unknown>> | undefined => {
  const exact = (operation as Keeping)[EXACT]
  return isRecord(exact) ? exact : undefined
}

type Keeping = Record<string | symbol, unknown>

const variablesOf = (operation: unknown): unknown =>
  isRecord(operation) ? operation['variables'] : undefined

const hasVariables = (operation: unknown): boolean => {
  const variables = variablesOf(operation)
  return isRecord(variables) && Object.keys(variables).length > 0
}

const isRecord = (value: unknown): value is Keeping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
