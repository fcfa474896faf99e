/**
 * Whether a subgraph's value can be what a built-in scalar promises. An object where a string should be is not passed on:
 * nobody asked for what is in it. Custom scalars are the subgraph's own and go through as they are.
 */
export const fitsScalar = (type: string, value: unknown): boolean => {
  switch (type) {
    case 'String':
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    case 'ID':
      return typeof value === 'string' || typeof value === 'number'
    case 'Int':
      return Number.isInteger(value)
    case 'Float':
      return typeof value === 'number'
    case 'Boolean':
      return typeof value === 'boolean'
    default:
      return true
  }
}
