import {
  type DocumentNode,
  getNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql'
import { readDataSubject, subjectKeyPath } from './data-subject.ts'
import { inspectLinks } from './consent-spelling.ts'
import { normalizeConsent } from './link.ts'
import { openTypes } from './open-types.ts'
import { federationSpelling, textArgument } from './read-links.ts'
import { type Requirement, requirementsOn } from './requires-scope.ts'
import { type OnTheWay, typesOnTheWay } from './types-on-the-way.ts'

/** What the directives of one executable schema say, by type and coordinate. */
export interface SchemaWords {
  /** Object types that belong to a person → names from the type down to the subject key. */
  readonly subjects: ReadonlyMap<string, readonly string[]>
  /** Object types that belong to nobody, wherever they are found. */
  readonly open: ReadonlySet<string>
  /** Types with a `@key`. */
  readonly entities: ReadonlySet<string>
  /** Top-level fields of each type's keys. */
  readonly keyFields: ReadonlyMap<string, ReadonlySet<string>>
  /** Object types that a composite subject key leads through. */
  readonly onTheWay: ReadonlyMap<string, readonly OnTheWay[]>
  /** Requirements by type name and by `Type.field`. */
  readonly requirements: ReadonlyMap<string, readonly Requirement[]>
}

/**
 * Reads the words from the definitions a schema was built from, whatever they are spelled like.
 * Throws when the schema does not link the consent specification: a check that finds nothing to check would let all pass.
 */
export const readSchemaWords = (schema: GraphQLSchema): SchemaWords => {
  const written = documentOf(schema)
  if (inspectLinks(written).spelling === null)
    throw new Error('the schema does not link the consent specification')
  const document = normalizeConsent(written)
  const keyName = federationSpelling(document, 'key')
  const words = {
    subjects: new Map(),
    entities: new Set<string>(),
    keyFields: new Map(),
    requirements: new Map(),
  }
  const declared = new Map<string, readonly string[]>()
  for (const node of document.definitions) {
    if (!isComposite(node)) continue
    const name = node.name.value
    const key = readDataSubject(node)
    if (key !== null) declared.set(name, keyPathOf(name, key))
    const keys = (node.directives ?? []).filter((directive) => directive.name.value === keyName)
    if (keys.length > 0) words.entities.add(name)
    const fields = keys.flatMap((directive) => topLevelNames(textArgument(directive, 'fields') ?? ''))
    words.keyFields.set(name, new Set([...(words.keyFields.get(name) ?? []), ...fields]))
    addRequirements(words.requirements, name, requirementsOn(node))
    for (const field of 'fields' in node ? (node.fields ?? []) : [])
      addRequirements(words.requirements, `${name}.${field.name.value}`, requirementsOn(field))
  }
  const subjects = subjectsOf(schema, declared)
  return {
    ...words,
    subjects,
    open: openTypes(schema, { subjects, entities: words.entities }),
    onTheWay: typesOnTheWay(subjects, {
      reached: (type, field) => reached(schema, type, field),
      interfacesOf: (type) => interfacesOf(schema, type),
    }),
  }
}

const interfacesOf = (schema: GraphQLSchema, name: string): readonly string[] => {
  const type = schema.getType(name)
  return isObjectType(type) || isInterfaceType(type) ? type.getInterfaces().map((one) => one.name) : []
}

/** The object types behind a field. */
const reached = (schema: GraphQLSchema, name: string, field: string): readonly string[] => {
  const type = schema.getType(name)
  const found = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined
  const behind = found === undefined ? undefined : getNamedType(found.type)
  if (isAbstractType(behind)) return schema.getPossibleTypes(behind).map((one) => one.name)
  return isObjectType(behind) ? [behind.name] : []
}

/** On an interface `@dataSubject` speaks for every type that implements it. */
const subjectsOf = (
  schema: GraphQLSchema,
  declared: ReadonlyMap<string, readonly string[]>,
): Map<string, readonly string[]> => {
  const subjects = new Map<string, readonly string[]>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getInterfaces' in type)) continue
    const path = [type, ...type.getInterfaces()]
      .map(({ name }) => declared.get(name))
      .find((found) => found !== undefined)
    if (path !== undefined) subjects.set(type.name, path)
  }
  return subjects
}

const documentOf = (schema: GraphQLSchema): DocumentNode => ({
  kind: Kind.DOCUMENT,
  definitions: [
    ...[schema.astNode ?? [], schema.extensionASTNodes].flat(),
    ...Object.values(schema.getTypeMap()).flatMap((type) =>
      [type.astNode ?? [], [...type.extensionASTNodes]].flat(),
    ),
  ],
})

const keyPathOf = (type: string, key: string): readonly string[] => {
  const path = subjectKeyPath(key)
  if (path === null) throw new Error(`${type}: the @dataSubject key must have exactly one leaf`)
  return path
}

const addRequirements = (
  all: Map<string, Requirement[]>,
  place: string,
  found: readonly Requirement[],
): void => {
  if (found.length > 0) all.set(place, [...(all.get(place) ?? []), ...found])
}

const isComposite = (
  node: DocumentNode['definitions'][number],
): node is TypeDefinitionNode | TypeExtensionNode =>
  node.kind.endsWith('TypeDefinition') || node.kind.endsWith('TypeExtension')

const topLevelNames = (fieldSet: string): string[] => {
  const [definition] = parse(`{${fieldSet}}`, { noLocation: true }).definitions
  return definition?.kind === Kind.OPERATION_DEFINITION ? namesIn(definition.selectionSet) : []
}

const namesIn = (set: SelectionSetNode): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value]
    return selection.kind === Kind.INLINE_FRAGMENT ? namesIn(selection.selectionSet) : []
  })
