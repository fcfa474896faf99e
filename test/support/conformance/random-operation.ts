import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isUnionType,
  getNullableType,
} from 'graphql'

/** One selection of a random operation; a tree, so that a failing one can be made smaller. */
export interface Selection {
  /** Of a field: its name. Of a fragment: the type it is on; the enclosing type when empty. */
  readonly name: string
  readonly kind: 'field' | 'inline' | 'spread'
  readonly alias?: string
  readonly arguments?: string
  readonly directives?: string
  readonly children: readonly Selection[]
}

/** The variables that every random operation may use. */
export const VARIABLES = { yes: true, no: false, n: 2 }
const TYPES = { yes: 'Boolean!', no: 'Boolean!', n: 'Int' }

export type Random = () => number

/** Numbers between 0 and 1 that a seed decides (mulberry32). */
export const createRandom = (seed: number): Random => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Growing {
  readonly schema: GraphQLSchema
  readonly random: Random
  /** Values for arguments of type ID. */
  readonly ids: readonly string[]
  budget: number
}

/** Selections that fit the schema's query type; two of one key may still disagree, which validation tells. */
export const randomSelections = (
  schema: GraphQLSchema,
  random: Random,
  ids: readonly string[],
): Selection[] => {
  const query = schema.getQueryType()
  if (query === null || query === undefined) return []
  return grow(query, 0, { schema, random, ids, budget: 24 })
}

export const printOperation = (selections: readonly Selection[]): string => {
  const fragments: string[] = []
  const body = printSet(selections, 'Query', fragments)
  const text = [body, ...fragments].join('\n')
  const used = Object.entries(TYPES).filter(([name]) => text.includes(`$${name}`))
  const definitions = used.map(([name, type]) => `$${name}: ${type}`)
  return `query ${definitions.length === 0 ? '' : `(${definitions.join(', ')}) `}${text}`
}

const printSet = (selections: readonly Selection[], type: string, fragments: string[]): string =>
  `{ ${selections.map((one) => printOne(one, type, fragments)).join(' ')} }`

const printOne = (one: Selection, type: string, fragments: string[]): string => {
  const directives = one.directives ?? ''
  if (one.kind === 'field') {
    const alias = one.alias === undefined ? '' : `${one.alias}: `
    const inner = one.children.length === 0 ? '' : ` ${printSet(one.children, '', fragments)}`
    return `${alias}${one.name}${one.arguments ?? ''}${directives}${inner}`
  }
  const inner = printSet(one.children, one.name === '' ? type : one.name, fragments)
  if (one.kind === 'inline' || one.name === '')
    return `...${one.name === '' ? '' : ` on ${one.name}`}${directives} ${inner}`
  const name = `F${fragments.length}`
  fragments.push(`fragment ${name} on ${one.name} ${inner}`)
  return `...${name}${directives}`
}

const grow = (type: GraphQLCompositeType, depth: number, growing: Growing): Selection[] => {
  const { random } = growing
  const count = 1 + Math.floor(random() * (depth === 0 ? 3 : 4))
  const selections: Selection[] = []
  for (let index = 0; index < count && growing.budget > 0; index += 1) {
    const one = random() < 0.22 ? growFragment(type, depth, growing) : growField(type, depth, growing)
    if (one !== null) selections.push(one)
  }
  return selections.length > 0 ? selections : [{ kind: 'field', name: '__typename', children: [] }]
}

const growFragment = (type: GraphQLCompositeType, depth: number, growing: Growing): Selection | null => {
  const { schema, random } = growing
  growing.budget -= 1
  const fitting = Object.values(schema.getTypeMap()).filter(
    (other): other is GraphQLCompositeType =>
      isCompositeType(other) && !other.name.startsWith('__') && overlap(schema, type, other),
  )
  const other = random() < 0.2 ? type : pick(fitting, random)
  if (other === undefined) return null
  return {
    kind: random() < 0.4 ? 'spread' : 'inline',
    name: random() < 0.15 && other === type ? '' : other.name,
    ...directivesFor(random),
    children: grow(other, depth + 1, growing),
  }
}

const overlap = (schema: GraphQLSchema, one: GraphQLCompositeType, other: GraphQLCompositeType): boolean => {
  const possible = (type: GraphQLCompositeType) =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
  return possible(one).some((type) => possible(other).includes(type))
}

const growField = (type: GraphQLCompositeType, depth: number, growing: Growing): Selection | null => {
  const { random } = growing
  growing.budget -= 1
  const fields = isUnionType(type) ? [] : Object.values(type.getFields())
  const isDeep = depth >= 5
  const fitting = isDeep ? fields.filter(({ type: of }) => !isCompositeType(getNamedType(of))) : fields
  const field = random() < 0.1 ? undefined : pick(fitting, random)
  const alias = random() < 0.25 ? { alias: pick(ALIASES, random) ?? 'x' } : {}
  if (field === undefined)
    return { kind: 'field', name: '__typename', ...(depth > 0 ? alias : {}), children: [] }
  const named = getNamedType(field.type)
  return {
    kind: 'field',
    name: field.name,
    ...alias,
    ...argumentsFor(field, growing),
    ...directivesFor(random),
    children: isCompositeType(named) ? grow(named, depth + 1, growing) : [],
  }
}

/** Names of our own, of fields, and ones that mean something to JavaScript. */
const ALIASES = ['x', 'y', 'id', 'name', 'title', 'weight', '__proto__', 'constructor', 'then', 'toString']

const directivesFor = (random: Random): { directives?: string } => {
  const drawn = random()
  if (drawn > 0.18) return {}
  const text = pick(DIRECTIVES, random)
  return text === undefined ? {} : { directives: text }
}

const DIRECTIVES = [
  ' @include(if: $yes)',
  ' @include(if: $no)',
  ' @skip(if: $no)',
  ' @skip(if: $yes)',
  ' @include(if: $yes) @skip(if: $no)',
  ' @skip(if: true)',
  ' @include(if: true)',
]

const argumentsFor = (
  field: GraphQLField<unknown, unknown>,
  { random, ids }: Growing,
): { arguments?: string } => {
  const given = field.args.filter((argument) => isRequired(argument) || random() < 0.5)
  if (given.length === 0) return {}
  const texts = given.map(({ name, type }) => `${name}: ${valueFor(type, random, ids)}`)
  return { arguments: `(${texts.join(', ')})` }
}

const isRequired = ({ type, defaultValue }: GraphQLArgument): boolean =>
  isNonNullType(type) && defaultValue === undefined

const valueFor = (type: GraphQLInputType, random: Random, ids: readonly string[]): string => {
  const inner = getNullableType(type)
  if (isListType(inner)) return `[${valueFor(inner.ofType, random, ids)}]`
  if (isEnumType(inner)) return inner.getValues()[0]?.name ?? 'null'
  const name = getNamedType(type).name
  if (name === 'Int') return random() < 0.3 && !isNonNullType(type) ? '$n' : String(Math.floor(random() * 4))
  if (name === 'Boolean') return random() < 0.5 ? '$yes' : 'false'
  if (name === 'Float') return '1.5'
  return JSON.stringify(pick(ids, random) ?? 'x')
}

const pick = <T>(all: readonly T[], random: Random): T | undefined => all[Math.floor(random() * all.length)]

/** The same operation with one thing less, each way. */
export function* smaller(selections: readonly Selection[]): Generator<Selection[]> {
  for (const [index, one] of selections.entries()) {
    const others = (instead: readonly Selection[]): Selection[] => selections.toSpliced(index, 1, ...instead)
    if (selections.length > 1) yield others([])
    if (one.kind !== 'field') yield others(one.children)
    const { directives, alias, ...bare } = one
    if (directives !== undefined) yield others([alias === undefined ? bare : { ...bare, alias }])
    if (alias !== undefined) yield others([directives === undefined ? bare : { ...bare, directives }])
    for (const children of smaller(one.children)) yield others([{ ...one, children }])
  }
}
