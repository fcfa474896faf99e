import {
  defaultFieldResolver,
  type FieldNode,
  getNamedType,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'
import { ANONYMOUS, type Grant, type LookupGrant } from './grant.ts'
import { isSatisfied, type Requirement } from './requires-scope.ts'
import { readSchemaWords, type SchemaWords } from './schema-words.ts'

/**
 * Both sides check: a subgraph resolves a protected field only when the grant of the request covers it, for the person
 * the field belongs to, whoever sent the request (design, "Both sides check"; OWASP API10).
 * The person is the nearest enclosing one, and must have been asked for by name, as a direct item of `_entities`.
 * Everything else is a `GRANT_MISSING` error at the field's path, and the resolver is not run.
 *
 * Wraps the resolvers of this schema in place and returns it; call it last, after every resolver is attached.
 * `grantOf` hands over the verified grant of the request, or null. Throws when the schema's words cannot be read.
 */
export const enforceGrants = (
  schema: GraphQLSchema,
  grantOf: (context: unknown) => Grant | null,
): GraphQLSchema => {
  if (enforced.has(schema)) return schema
  const words = readSchemaWords(schema)
  const subjectOf = lastSubject(words)
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const guard = readGuard(words, type, field)
      if (guard.always.length + guard.inside.length > 0)
        wrap(field, { words, guard, grantOf, subjectOf, verdicts: verdictsOf(guard) })
    }
  }
  enforced.add(schema)
  return schema
}

const enforced = new WeakSet<GraphQLSchema>()

/** What one field asks. Clauses are AND-ed. */
interface Guard {
  readonly always: readonly Requirement[]
  /** What its interfaces ask: of a person's data only, so that a company may share an interface with people. */
  readonly inside: readonly Requirement[]
  readonly otherwise: Requirement['otherwise']
}

interface Check {
  readonly words: SchemaWords
  readonly guard: Guard
  readonly grantOf: (context: unknown) => Grant | null
  readonly subjectOf: (info: GraphQLResolveInfo) => Found
  readonly verdicts: (granted: ReadonlySet<string>) => boolean
}

type Field = GraphQLField<unknown, unknown>

const readGuard = (words: SchemaWords, type: GraphQLObjectType, field: Field): Guard => {
  const asked = (place: string): readonly Requirement[] => words.requirements.get(place) ?? []
  const isExempt = isKeyOfSubject(words, type.name, field.name)
  const own = asked(`${type.name}.${field.name}`)
  const interfaces = words.open.has(type.name) ? [] : type.getInterfaces()
  return {
    always: [
      ...own,
      ...(isExempt ? [] : asked(type.name)),
      ...besideKey(words, type.name, field.name).flatMap(asked),
      ...returnRequirements(words, field),
    ],
    inside: interfaces.flatMap(({ name }) => [
      ...asked(`${name}.${field.name}`),
      ...(isExempt ? [] : asked(name)),
    ]),
    otherwise:
      own.length > 0 && own.every(({ otherwise }) => otherwise === 'ANONYMOUS') ? 'ANONYMOUS' : 'NULL',
  }
}

/** A rule on a person's whole type spares what names the person: without its keys nothing could be asked at all. */
const isKeyOfSubject = ({ subjects, keyFields }: SchemaWords, type: string, field: string): boolean => {
  const path = subjects.get(type)
  return path !== undefined && (path[0] === field || keyFields.get(type)?.has(field) === true)
}

/** Whose rules reach what stands beside the way to their composite key: people's types, and their interfaces. */
const besideKey = ({ subjects, onTheWay }: SchemaWords, type: string, field: string): readonly string[] =>
  subjects.has(type)
    ? []
    : (onTheWay.get(type) ?? []).flatMap((one) => (one.field === field ? [] : one.ruledBy))

/** What a protected scalar, enum or value type asks, every field that returns it asks; a person's type asks for itself. */
const returnRequirements = (
  { subjects, requirements }: SchemaWords,
  field: Field,
): readonly Requirement[] => {
  const returned = getNamedType(field.type)
  const isAbstract = 'getFields' in returned && !isObjectType(returned)
  return isAbstract || subjects.has(returned.name) ? [] : (requirements.get(returned.name) ?? [])
}

const wrap = (field: Field, check: Check): void => {
  const { resolve = defaultFieldResolver, subscribe } = field
  field.resolve = (source, args, context, info) => {
    if (!isGranted(check, source, context, info)) throw grantMissing(info)
    return resolve(source, args, context, info)
  }
  if (subscribe === undefined) return
  field.subscribe = (source, args, context, info) => {
    if (!isGranted(check, source, context, info)) throw grantMissing(info)
    return subscribe(source, args, context, info)
  }
}

const grantMissing = (info: GraphQLResolveInfo): GraphQLError =>
  new GraphQLError(
    `${info.parentType.name}.${info.fieldName} needs a grant that this request does not carry`,
    {
      extensions: { code: 'GRANT_MISSING' },
    },
  )

const isGranted = (
  { words, guard, grantOf, subjectOf, verdicts }: Check,
  source: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): boolean => {
  const subject = subjectOf(info)
  if (subject === 'nobody' && guard.always.length === 0) return true
  if (typeof subject === 'string') return false
  const lookups = grantOf(context)?.lookups
  if (lookups === undefined || !Object.hasOwn(lookups, subject.alias)) return false
  const lookup = lookups[subject.alias]
  if (lookup?.anonymous === true)
    return guard.otherwise === 'ANONYMOUS' && isAnonymous(words, subject, source, info)
  return verdicts(scopesOf(lookup))
}

/** Everybody behind an alias has the same scopes, and asks the same of a field: whoever is asked last is remembered. */
const verdictsOf = (guard: Guard): ((granted: ReadonlySet<string>) => boolean) => {
  let last: ReadonlySet<string> | null = null
  let verdict = false
  return (granted) => {
    if (granted === last) return verdict
    const isGiven = ({ scope }: Requirement): boolean => isSatisfied(scope, granted)
    verdict = guard.always.every(isGiven) && guard.inside.every(isGiven)
    last = granted
    return verdict
  }
}

const NONE: ReadonlySet<string> = new Set()

/** The same for every field of everybody behind an alias. */
const scopesOf = (lookup: LookupGrant | undefined): ReadonlySet<string> => {
  if (lookup === undefined) return NONE
  const known = scopesGranted.get(lookup)
  if (known !== undefined) return known
  const scopes = new Set(lookup.scopes)
  scopesGranted.set(lookup, scopes)
  return scopes
}

const scopesGranted = new WeakMap<LookupGrant, ReadonlySet<string>>()

interface EnclosingSubject {
  readonly type: string
  readonly alias: string
  readonly lookup: FieldNode
  readonly index: number
}

type Found = EnclosingSubject | 'nobody' | 'not asked for'

/** The fields of an object are asked one after the other, and are of the same person: whoever was found last is remembered. */
const lastSubject = (words: SchemaWords): Check['subjectOf'] => {
  let above: GraphQLResolveInfo['path'] | undefined
  let type: GraphQLObjectType | undefined
  let found: Found = 'nobody'
  return (info) => {
    const { prev } = info.path
    if (prev !== undefined && prev === above && info.parentType === type) return found
    found = findSubject(words, info)
    above = prev
    type = info.parentType
    return found
  }
}

/**
 * The subject is always the nearest enclosing one: `friends { email }` asks each friend, not the person who has friends
 * (design, "Whose data"). An entity that belongs to nobody ends the search.
 */
const findSubject = (words: SchemaWords, info: GraphQLResolveInfo): Found => {
  for (let step: GraphQLResolveInfo['path'] | undefined = info.path; step !== undefined; step = step.prev) {
    if (step.typename === undefined) continue
    if (words.subjects.has(step.typename))
      return directItem(step.typename, step.prev, info) ?? 'not asked for'
    if (words.entities.has(step.typename)) return 'nobody'
  }
  return 'nobody'
}

const directItem = (
  type: string,
  item: GraphQLResolveInfo['path'] | undefined,
  info: GraphQLResolveInfo,
): EnclosingSubject | null => {
  const list = item?.prev
  if (typeof item?.key !== 'number' || list === undefined || list.prev !== undefined) return null
  if (info.operation.operation !== 'query') return null
  const lookup = fieldsOfRoot(info).get(String(list.key))
  return lookup?.name.value === '_entities'
    ? { type, alias: String(list.key), lookup, index: item.key }
    : null
}

/** What stands at the root of an operation under each name, found out once. A fragment is looked into once. */
const fieldsOfRoot = ({ operation, fragments }: GraphQLResolveInfo): ReadonlyMap<string, FieldNode> => {
  const known = rootFields.get(operation)
  if (known !== undefined) return known
  const fields = new Map<string, FieldNode>()
  const seen = new Set<SelectionSetNode>()
  const collect = (set: SelectionSetNode): void => {
    if (seen.has(set)) return
    seen.add(set)
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const alias = (selection.alias ?? selection.name).value
        if (!fields.has(alias)) fields.set(alias, selection)
        continue
      }
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value]
      if (inner !== undefined) collect(inner.selectionSet)
    }
  }
  collect(operation.selectionSet)
  rootFields.set(operation, fields)
  return fields
}

const rootFields = new WeakMap<OperationDefinitionNode, ReadonlyMap<string, FieldNode>>()

/** Nobody's default is for nobody: every key we can see must be the reserved one, and we must see at least one. */
const isAnonymous = (
  words: SchemaWords,
  subject: EnclosingSubject,
  source: unknown,
  info: GraphQLResolveInfo,
): boolean => {
  const path = words.subjects.get(subject.type) ?? []
  const argument = subject.lookup.arguments?.find(({ name }) => name.value === 'representations')
  const sent: unknown =
    argument === undefined ? null : valueFromASTUntyped(argument.value, info.variableValues)
  const representation: unknown = Array.isArray(sent) ? sent[subject.index] : null
  const seen = [
    valueAt(representation, path),
    info.parentType.name === subject.type ? valueAt(source, path) : undefined,
  ]
  const keys = seen.filter((key) => key !== undefined)
  return keys.length > 0 && keys.every((key) => key === ANONYMOUS)
}

/** Only plain values count: a resolver function or a promise is not a key. */
const valueAt = (value: unknown, path: readonly string[]): unknown => {
  const [name, ...rest] = path
  if (name === undefined) return typeof value === 'string' || typeof value === 'number' ? value : undefined
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return valueAt((value as Record<string, unknown>)[name], rest)
}
