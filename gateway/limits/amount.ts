import { type OperationDefinitionNode, valueFromASTUntyped } from 'graphql'

/** What one request gives to a formula, and what the formula finds besides the cost. */
export interface Reading {
  readonly values: Readonly<Record<string, unknown>>
  /** Fields that were to say how much they want, and do not. */
  readonly unsized: Set<string>
  /** The largest page that is asked for. */
  largestPage: number
}

/** A number that is known as soon as the document is, or that waits for the variables. Never negative, never NaN. */
export type Amount = number | ((reading: Reading) => number)

export const valueOf = (amount: Amount, reading: Reading): number =>
  typeof amount === 'number' ? amount : amount(reading)

export const sum = (amounts: readonly Amount[]): Amount => {
  let known = 0
  const open: ((reading: Reading) => number)[] = []
  for (const amount of amounts) {
    if (typeof amount === 'number') known += amount
    else open.push(amount)
  }
  if (open.length === 0) return known
  return (reading) => {
    let total = known
    for (const amount of open) total += amount(reading)
    return total
  }
}

/** Nothing times anything is nothing, also where anything is endless. */
export const product = (one: Amount, other: Amount): Amount => {
  if (one === 0 || other === 0) return 0
  if (typeof one === 'number' && typeof other === 'number') return one * other
  return (reading) => {
    const factor = valueOf(one, reading)
    return factor === 0 ? 0 : factor * valueOf(other, reading)
  }
}

export type ReadVariable = (name: string, reading: Reading) => unknown

/** The value of a variable as the operation will see it: sent, or its default; undefined where it has none. */
export const variablesOf = (operation: OperationDefinitionNode): ReadVariable => {
  const defaults = new Map<string, unknown>()
  for (const { variable, defaultValue } of operation.variableDefinitions ?? [])
    if (defaultValue !== undefined) defaults.set(variable.name.value, valueFromASTUntyped(defaultValue))
  return (name, { values }) => {
    const sent = Object.hasOwn(values, name) ? values[name] : undefined
    return sent === undefined ? defaults.get(name) : sent
  }
}
