import {
  getNamedType,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  isLeafType,
} from 'graphql'
import type { Declared } from './declared.ts'
import type { Fields, Rule, StoredGraph } from './suite.ts'

/** An object on its way through an execution: a record of the graph, a value inside one, or what a representation says. */
export interface Stored {
  readonly type: string
  /** Null for a value without a record of its own. */
  readonly name: string | null
  readonly fields: Fields
  /** The representation it was asked with. */
  readonly sent: Fields | null
}

/** Who answers: one of the subgraphs with what it declares, or everybody as one. */
export interface Answering {
  readonly graph: StoredGraph
  readonly implementing: ReadonlyMap<string, readonly string[]>
  /** Null for the one server that knows everything. */
  readonly subgraph: { readonly name: string; readonly declared: Declared } | null
  /** What mutations of this case did so far. */
  readonly journal: string[]
}

/** Answers any field of any type from the stored graph. */
export const storedResolver =
  (answering: Answering): GraphQLFieldResolver<unknown, unknown> =>
  (source, args, _context, info) => {
    const value =
      info.parentType === info.schema.getSubscriptionType()
        ? (source as Fields)[info.fieldName]
        : valueOf(answering, {
            stored: rootOf(answering, info) ?? (source as Stored),
            parent: info.parentType.name,
            field: info.fieldName,
            args: args as Fields,
          })
    const isLeaf = isLeafType(getNamedType(info.returnType))
    const stored = source as Stored | undefined
    return wrap(answering, value, {
      type: isLeaf ? null : getNamedType(info.returnType).name,
      isSent: stored?.sent?.[info.fieldName] !== undefined && stored.sent[info.fieldName] === value,
    })
  }

/** The events of a subscription's field, each as the root that the field is then resolved on. */
export const storedEvents = ({ graph }: Answering): GraphQLFieldResolver<unknown, unknown> =>
  async function* events(_source, _args, _context, { fieldName }) {
    for (const event of (graph.roots['Subscription']?.[fieldName] ?? []) as readonly unknown[])
      yield { [fieldName]: event }
  }

/** The object a representation names; null where this subgraph knows none. */
export const storedReference = (answering: Answering, sent: Fields, type: string): Stored | null | Error => {
  const keys = answering.subgraph?.declared.keys.get(type) ?? []
  const key = keys.find((paths) => paths.every((path) => valuesAt(sent, path) !== undefined))
  if (key === undefined) throw new GraphQLError(`a reference to ${type} without a key`)
  const types = [type, ...(answering.implementing.get(type) ?? [])]
  for (const candidate of types)
    for (const name of Object.keys(answering.graph.records[candidate] ?? {})) {
      const found = record(answering, candidate, name)
      if (found === null || found instanceof Error) {
        const fields = answering.graph.records[candidate]?.[name] ?? {}
        if (matches(answering, { type: candidate, name, fields, sent: null }, sent, key)) return found
      } else if (matches(answering, found, sent, key)) return { ...found, sent }
    }
  return null
}

const rootOf = ({ graph }: Answering, { schema, parentType }: GraphQLResolveInfo): Stored | null => {
  const roots = {
    Query: schema.getQueryType(),
    Mutation: schema.getMutationType(),
    Subscription: schema.getSubscriptionType(),
  }
  const root = Object.entries(roots).find(([, type]) => type === parentType)?.[0]
  return root === undefined ? null : { type: root, name: 'root', fields: graph.roots[root] ?? {}, sent: null }
}

interface Asked {
  readonly stored: Stored
  /** The type that the field was asked of; an interface object's name, for one. */
  readonly parent: string
  readonly field: string
  readonly args: Fields
}

const valueOf = (answering: Answering, asked: Asked): unknown => {
  const { graph, subgraph, implementing } = answering
  const { stored, parent, field } = asked
  if (subgraph?.declared.isExternal(parent, field) === true) {
    if (stored.sent !== null && Object.hasOwn(stored.sent, field)) return stored.sent[field]
    if (!subgraph.declared.isPromised(parent, field))
      throw new GraphQLError(`${parent}.${field} is not resolved by ${subgraph.name}`)
  }
  const instead =
    subgraph === null ? undefined : graph.only[subgraph.name]?.[stored.type]?.[stored.name ?? '']
  if (instead && Object.hasOwn(instead, field)) return instead[field]
  const interfaces = [...implementing].flatMap(([name, types]) => (types.includes(stored.type) ? [name] : []))
  const rule = [parent, stored.type, ...interfaces]
    .map((type) => graph.rules[`${type}.${field}`])
    .find((found) => found !== undefined)
  if (rule !== undefined) return ruled(answering, rule, asked)
  return Object.hasOwn(stored.fields, field) ? stored.fields[field] : null
}

const ruled = (answering: Answering, rule: Rule, asked: Asked): unknown => {
  const { stored, args } = asked
  if (rule.find !== undefined) return found(answering, rule, args)
  if (rule.take !== undefined) {
    const list = stored.fields[rule.take] as readonly unknown[] | null
    return list?.slice(0, Number(args[rule.count ?? '']))
  }
  if (rule.text !== undefined) return filled(answering, rule.text, rule, asked)
  if (rule.echo === true) return sortedJson(args)
  if (rule.pick !== undefined)
    return (stored.fields[rule.pick] as Fields | undefined)?.[String(args[rule.key ?? ''])] ?? null
  answering.journal.push(filled(answering, rule.append ?? '', rule, asked))
  return answering.journal.join(' ')
}

const found = (answering: Answering, { find = '', by = {}, all, each }: Rule, args: Fields): unknown => {
  const names = Object.keys(answering.graph.records[find] ?? {})
  const matching = (wanted: Fields): string[] =>
    names
      .filter((name) =>
        Object.entries(by).every(
          ([field, argument]) =>
            String(answering.graph.records[find]?.[name]?.[field]) === String(wanted[argument]),
        ),
      )
      .map((name) => `@${find}/${name}`)
  if (each === undefined) return all === true ? matching(args) : (matching(args)[0] ?? null)
  const [argument = ''] = Object.values(by)
  return (args[each] as readonly unknown[]).map((one) => matching({ [argument]: one })[0] ?? null)
}

const filled = (answering: Answering, text: string, { inputs = {} }: Rule, asked: Asked): string =>
  text.replaceAll(/\{([^}]+)\}/g, (_, path: string) => {
    const [first = '', ...rest] = path.split('.')
    if (first === 'args') return shown(asked.args[rest[0] ?? ''])
    return shown(read(answering, { ...asked, field: first, args: inputs[first] ?? {} }, rest))
  })

const read = (answering: Answering, asked: Asked, rest: readonly string[]): unknown => {
  const value = valueOf(answering, asked)
  const isSent = asked.stored.sent?.[asked.field] !== undefined
  const follow = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(follow)
    const [next, ...others] = rest
    if (next === undefined || one === null || one instanceof Error) return one
    const object = one as Stored
    return read(answering, { stored: object, parent: object.type, field: next, args: {} }, others)
  }
  return follow(rest.length === 0 ? value : wrap(answering, value, { type: '', isSent }))
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.map(shown).join(',') : String(value))

interface Wrapping {
  /** The declared type of a composite value; null for a leaf. */
  readonly type: string | null
  /** Whether it comes out of a representation. */
  readonly isSent: boolean
}

const wrap = (answering: Answering, value: unknown, wrapping: Wrapping): unknown => {
  if (Array.isArray(value)) return value.map((one) => wrap(answering, one, wrapping))
  const isReference = wrapping.type !== null && typeof value === 'string' && value.startsWith('@')
  if (isReference) return record(answering, ...(value.slice(1).split('/') as [string, string]))
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Fields
  if ('$error' in fields) return failure(fields)
  if (typeof fields['$json'] === 'string') return rawJson(fields['$json'])
  if (wrapping.type === null) return fields
  const type = typeof fields['__typename'] === 'string' ? fields['__typename'] : wrapping.type
  return { type, name: null, fields, sent: wrapping.isSent ? fields : null } satisfies Stored
}

const record = ({ graph, subgraph }: Answering, type: string, name: string): Stored | null | Error => {
  const instead = subgraph === null ? undefined : graph.only[subgraph.name]?.[type]?.[name]
  if (instead === null) return null
  if (instead !== undefined && '$error' in instead) return failure(instead)
  const fields = graph.records[type]?.[name]
  if (fields === undefined) throw new Error(`the stored graph has no ${type} ${name}`)
  return { type, name, fields, sent: null }
}

const failure = (fields: Fields): GraphQLError =>
  new GraphQLError(
    String(fields['$error']),
    typeof fields['code'] === 'string' ? { extensions: { code: fields['code'] } } : {},
  )

/** Numbers that JavaScript cannot hold travel as marked texts and lose their quotes when the body is written. */
const rawJson = (text: string): string => `\u0001${text}\u0001`
export const unmarkJson = (body: string): string =>
  body.replaceAll(/"\\u0001(.*?)\\u0001"/g, (_, text: string) => JSON.parse(`"${text}"`) as string)

/** The values at a path of a key, through lists; undefined where one is missing. */
const valuesAt = (value: unknown, path: readonly string[]): unknown => {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (Array.isArray(value)) {
    const all = value.map((one) => valuesAt(one, path))
    return all.includes(undefined) ? undefined : all
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, first)) return undefined
  return valuesAt((value as Fields)[first], rest)
}

const matches = (
  answering: Answering,
  stored: Stored,
  sent: Fields,
  key: readonly (readonly string[])[],
): boolean =>
  key.every((path) => {
    const [field = '', ...rest] = path
    const own = read({ ...answering, subgraph: null }, { stored, parent: stored.type, field, args: {} }, rest)
    return JSON.stringify(own) === JSON.stringify(valuesAt(sent, path))
  })

export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
