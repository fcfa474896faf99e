import type { Limits } from './limits.ts'
import { refuseAbove } from './refuse-above.ts'

/**
 * Refuses values that are too large, before they are coerced: coercion descends into them as deep as they go, and repeats
 * them for every place where they are used. Ends at the first value too much, so that it costs no more than the limits.
 */
export const checkVariables = (variables: Readonly<Record<string, unknown>>, limits: Limits): void => {
  const names = Object.keys(variables)
  if (names.length === 0) return
  refuseAbove(limits, 'variables', names.length)
  // Every value is counted with a comma behind it; the last of each kind has none.
  const sum = { bytes: 1, limits }
  for (const name of names) {
    sum.bytes += name.length + 3
    add(variables[name], 0, sum)
  }
  refuseAbove(limits, 'variableBytes', sum.bytes)
}

interface Sum {
  bytes: number
  readonly limits: Limits
}

const add = (value: unknown, depth: number, sum: Sum): void => {
  if (typeof value === 'string') addText(value, sum)
  else if (typeof value !== 'object' || value === null) sum.bytes += String(value).length + 1
  else addInner(value, depth + 1, sum)
}

const addText = (text: string, sum: Sum): void => {
  refuseAbove(sum.limits, 'textLength', text.length)
  sum.bytes += Buffer.byteLength(text) + 3
}

const addInner = (value: object, depth: number, sum: Sum): void => {
  refuseAbove(sum.limits, 'inputDepth', depth)
  refuseAbove(sum.limits, 'variableBytes', sum.bytes)
  const names = Array.isArray(value) ? [] : Object.keys(value)
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  refuseAbove(sum.limits, 'listItems', items.length)
  sum.bytes += names.length + items.length === 0 ? 3 : 2
  for (const item of items) add(item, depth, sum)
  for (const name of names) {
    sum.bytes += name.length + 3
    add((value as Record<string, unknown>)[name], depth, sum)
  }
}
