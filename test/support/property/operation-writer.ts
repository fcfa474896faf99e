import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  OverlappingFieldsCanBeMergedRule,
  parse,
  print,
  specifiedRules,
  validate,
} from 'graphql'
import type { Operation } from './operation.ts'
import { separateConflicts } from './separate-conflicts.ts'
import { isEmpty, tidy, variablesOf } from './smaller-operations.ts'

const DEEPEST = 5
const MANY_FIELDS = 15

/** Aliases that are somebody else's name, or mean something to JavaScript. */
const ALIASES = [
  'a',
  'b',
  'id',
  'email',
  'code',
  'customer',
  'name',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
]
const TEXTS = ['x', '', 'quo"te', 'back\\slash', 'line\nbreak', '"""', '\u00fc\u2028', '{ email }', '$v0']

type Composite = GraphQLNamedType

/** Writes one random operation by walking the schema. Its choices come from outside, so that a seed repeats it. */
export class OperationWriter {
  readonly #schema: GraphQLSchema
  readonly #ids: readonly string[]
  readonly #below: (limit: number) => number
  readonly #variables = new Map<string, { type: string; given?: unknown; initial?: string }>()
  readonly #fragments: { name: string; on: Composite; text: string }[] = []
  #left = 0

  constructor(schema: GraphQLSchema, ids: readonly string[], below: (limit: number) => number) {
    this.#schema = schema
    this.#ids = ids
    this.#below = below
  }

  /** Null where the choices led to nothing valid. */
  write(): Operation | null {
    const isMutation = this.#chance(8)
    const root = isMutation ? this.#schema.getMutationType() : this.#schema.getQueryType()
    if (root === null || root === undefined) return null
    this.#writeFragments()
    this.#left = 4 + this.#below(40)
    const body = this.#selection(root, isMutation ? 1 : 0)
    const header = [...this.#variables].map(
      ([name, { type, initial }]) => `$${name}: ${type}${initial === undefined ? '' : ` = ${initial}`}`,
    )
    const definitions = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on.name} ${text}`)
    const text = [
      `${isMutation ? 'mutation' : 'query'} Q${header.length > 0 ? `(${header.join(', ')})` : ''} ${body}`,
      ...definitions,
    ].join('\n')
    const document = separateConflicts(tidy(parse(text, { noLocation: true })), this.#schema)
    if (document === null || isEmpty(document) || validate(this.#schema, document, OTHER_RULES).length > 0)
      return null
    const given = Object.fromEntries(
      [...this.#variables].flatMap(([name, variable]) =>
        'given' in variable ? [[name, variable.given]] : [],
      ),
    )
    return { query: print(document), variables: variablesOf(document, given) }
  }

  #chance(oneIn: number): boolean {
    return this.#below(oneIn) === 0
  }

  #one<Item>(items: readonly Item[]): Item {
    const item = items[this.#below(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  /** Later fragments may spread earlier ones, so no cycle comes about. */
  #writeFragments(): void {
    const candidates = Object.values(this.#schema.getTypeMap()).filter(
      (type) =>
        isCompositeType(type) &&
        !type.name.startsWith('__') &&
        type !== this.#schema.getQueryType() &&
        type !== this.#schema.getMutationType(),
    )
    for (let index = this.#below(4); index > 0; index -= 1) {
      const on = this.#one(candidates)
      this.#left = 2 + this.#below(8)
      this.#fragments.push({ name: `F${index}`, on, text: this.#selection(on, 3) })
    }
  }

  #selection(type: Composite, depth: number): string {
    const parts: string[] = []
    for (let wanted = this.#width(type, depth); wanted > 0; wanted -= 1)
      parts.push(...this.#part(type, depth))
    return `{ ${parts.length === 0 ? '__typename' : parts.join(' ')} }`
  }

  /** Now and then much is asked of one person, so that decisions meet in one lookup. */
  #width(type: Composite, depth: number): number {
    if (depth === 0) return 1 + this.#below(3)
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()).length : 0
    return 1 + this.#below(fields > MANY_FIELDS && this.#chance(3) ? 14 : 5)
  }

  #part(type: Composite, depth: number): string[] {
    const kind = this.#below(10)
    if (kind === 0) return this.#spread(type)
    if (kind === 1 || (kind < 5 && isAbstractType(type))) return this.#inline(type, depth)
    return this.#field(type, depth)
  }

  #spread(type: Composite): string[] {
    const fitting = this.#fragments.filter(({ on }) => this.#overlap(on, type))
    return fitting.length === 0 ? [] : [`...${this.#one(fitting).name}${this.#conditions()}`]
  }

  #inline(type: Composite, depth: number): string[] {
    if (depth >= DEEPEST + 2 || this.#left <= 0) return []
    if (this.#chance(4)) return [`...${this.#conditions()} ${this.#selection(type, depth + 1)}`]
    const fitting = Object.values(this.#schema.getTypeMap()).filter(
      (other) => isCompositeType(other) && !other.name.startsWith('__') && this.#overlap(other, type),
    )
    const on = this.#one(fitting)
    return [
      `... on ${on.name}${this.#conditions()} ${this.#selection(on, isAbstractType(type) ? depth : depth + 1)}`,
    ]
  }

  #overlap(one: Composite, other: Composite): boolean {
    const names = (type: Composite): string[] =>
      isAbstractType(type) ? this.#schema.getPossibleTypes(type).map(({ name }) => name) : [type.name]
    const known = new Set(names(one))
    return names(other).some((name) => known.has(name))
  }

  #field(type: Composite, depth: number): string[] {
    if (this.#left <= 0) return []
    this.#left -= 1
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
    if (fields.length === 0 || this.#chance(15))
      return [`${this.#chance(6) ? `${this.#one(ALIASES)}: ` : ''}__typename`]
    const open = fields.filter((field) => depth < DEEPEST || !isCompositeType(getNamedType(field.type)))
    if (open.length === 0) return ['__typename']
    return [this.#fieldText(this.#one(open), depth)]
  }

  #fieldText(field: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = this.#chance(6) ? `${this.#one(ALIASES)}: ` : ''
    const named = getNamedType(field.type)
    const below = isCompositeType(named) ? ` ${this.#selection(named, depth + 1)}` : ''
    return `${alias}${field.name}${this.#arguments(field.args)}${this.#conditions()}${below}`
  }

  #conditions(): string {
    if (!this.#chance(7)) return ''
    const name = this.#one(['skip', 'include'])
    if (this.#chance(3)) return ` @${name}(if: ${String(this.#chance(2))})`
    const variable = this.#one(['c0', 'c1', 'c2'])
    if (!this.#variables.has(variable))
      this.#variables.set(
        variable,
        this.#chance(4)
          ? { type: 'Boolean', initial: String(this.#chance(2)) }
          : { type: 'Boolean!', given: this.#chance(2) },
      )
    return ` @${name}(if: $${variable})${this.#chance(8) ? ` @${name === 'skip' ? 'include' : 'skip'}(if: $${variable})` : ''}`
  }

  #arguments(declared: readonly GraphQLArgument[]): string {
    const given = declared.flatMap((argument) => {
      if (!isNonNullType(argument.type) && this.#chance(2)) return []
      if (!this.#chance(3)) return [`${argument.name}: ${this.#literal(argument.type)}`]
      const name = `v${this.#variables.size}`
      this.#variables.set(name, { type: String(argument.type), given: this.#value(argument.type) })
      return [`${argument.name}: $${name}`]
    })
    return given.length === 0 ? '' : `(${given.join(', ')})`
  }

  #literal(type: GraphQLInputType): string {
    return literal(this.#value(type), type)
  }

  #value(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType)
    if (isListType(type)) return Array.from({ length: this.#below(4) }, () => this.#value(type.ofType))
    if (isEnumType(type)) return this.#one(type.getValues()).name
    if (isInputObjectType(type))
      return Object.fromEntries(
        Object.values(type.getFields()).flatMap((field) =>
          this.#chance(3) && !isNonNullType(field.type) ? [] : [[field.name, this.#value(field.type)]],
        ),
      )
    if (type.name === 'Boolean') return this.#chance(2)
    if (type.name === 'Int') return this.#below(4)
    return this.#one(type.name === 'ID' ? this.#ids : TEXTS)
  }
}

const OTHER_RULES = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule)

const literal = (value: unknown, type: GraphQLInputType): string => {
  if (isNonNullType(type)) return literal(value, type.ofType)
  if (isListType(type))
    return `[${(value as unknown[]).map((item) => literal(item, type.ofType)).join(', ')}]`
  if (isEnumType(type)) return String(value)
  if (!isInputObjectType(type)) return JSON.stringify(value)
  const fields = Object.entries(value as Record<string, unknown>)
  return `{${fields.map(([name, one]) => `${name}: ${literal(one, type.getFields()[name]?.type ?? type)}`).join(', ')}}`
}
