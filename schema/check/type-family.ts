/** What kind of value a type is, however it is spelled: an `integer` of an event and an `Int` of a feature are numbers. */
export const typeFromText = (type: string): string => FAMILIES.get(type.toLowerCase()) ?? type

const FAMILIES: ReadonlyMap<string, string> = new Map([
  ['int', 'number'],
  ['integer', 'number'],
  ['float', 'number'],
  ['number', 'number'],
  ['string', 'text'],
  ['id', 'text'],
  ['boolean', 'flag'],
])
