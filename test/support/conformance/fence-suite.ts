import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  print,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  visit,
} from 'graphql'
import { compose } from '../../../schema/compose.ts'
import { readVocabulary } from '../../../directives/read-vocabulary.ts'
import { type Declared, readDeclared } from './declared.ts'
import { implementers } from './subgraph-resolvers.ts'
import type { Suite, SuiteSubgraph } from './suite.ts'

export const TWIN_SCOPE = 'twin'

/** A suite whose entities are people, every field of theirs protected that is no key. */
export interface Twin {
  readonly subgraphs: readonly SuiteSubgraph[]
  readonly supergraph: string
  /** Types that are fenced, and entity types that the rules of composition do not let be, with the first reason. */
  readonly fenced: readonly string[]
  readonly open: ReadonlyMap<string, string>
}

/** Makes people of all entities; a type that breaks a rule is left open, and the rest tried again. Null when no type is left. */
export const fenceSuite = ({ subgraphs }: Pick<Suite, 'subgraphs'>): Twin | null => {
  const declared = subgraphs.map(({ sdl }) => readDeclared(sdl))
  const keys = subjectKeys(declared)
  const open = new Map(keys.open)
  const subjects = new Map(keys.subjects)
  while (subjects.size > 0) {
    const written = subgraphs.map(({ name, sdl }, index) => ({
      name,
      sdl: print(fenced(parse(sdl), { declared, own: declared[index] ?? readDeclared(''), subjects })),
    }))
    const { supergraph, violations } = compose(
      written.map((one) => ({ ...one, url: `http://${one.name}.example/graphql` })),
      { vocabulary: VOCABULARY },
    )
    if (supergraph !== null)
      return { subgraphs: written, supergraph, fenced: [...subjects.keys()].toSorted(), open }
    const faults = violations.filter(({ severity }) => severity === 'error')
    const blamed = faults.flatMap(({ code, coordinate, message }) => {
      const type = (coordinate ?? '').split('.')[0] ?? ''
      const related = implementers(declared).get(type) ?? []
      return [type, ...related]
        .filter((name) => subjects.has(name))
        .map((name) => [name, `${code}: ${message}`] as const)
    })
    if (blamed.length === 0)
      throw new Error(
        faults.map(({ code, coordinate, message }) => `${code} ${coordinate ?? ''} ${message}`).join('\n'),
      )
    for (const [type, reason] of blamed) {
      subjects.delete(type)
      if (!open.has(type)) open.set(type, reason)
    }
  }
  return null
}

const VOCABULARY = readVocabulary({
  version: '1.0-test.1',
  scopes: {
    [TWIN_SCOPE]: { sentence: 'Test scope of the twins.', dpv: 'dpv:Purpose', fides: 'essential' },
  },
})

/** The subject key of every entity type: a key of one field that each subgraph with a key for the type has. */
const subjectKeys = (
  declared: readonly Declared[],
): { subjects: Map<string, string>; open: Map<string, string> } => {
  const subjects = new Map<string, string>()
  const open = new Map<string, string>()
  const types = new Set(declared.flatMap(({ keys }) => [...keys.keys()]))
  for (const type of types) {
    const bySubgraph = declared.flatMap(({ keys }) => keys.get(type) ?? [])
    const having = declared.filter((one) => one.keys.has(type))
    const single = bySubgraph.filter((paths) => paths.length === 1 && paths[0]?.length === 1)
    const shared = single
      .map(([path]) => path?.[0] ?? '')
      .filter((name) => having.every((one) => one.allFields.get(type)?.includes(name) === true))
    const key = shared.find((name) => keysOfInterfaces(type, declared).has(name)) ?? shared[0]
    if (key === undefined) open.set(type, 'no key of one field that every subgraph has')
    else subjects.set(type, key)
  }
  return { subjects, open }
}

/** What an interface says of who somebody is, its types must say, too. */
const keysOfInterfaces = (type: string, declared: readonly Declared[]): ReadonlySet<string> => {
  const interfaces = [...implementers(declared)].flatMap(([name, types]) =>
    types.includes(type) ? [name] : [],
  )
  return new Set(declared.flatMap(({ keyFields }) => interfaces.flatMap((name) => keyFields.get(name) ?? [])))
}

interface Fencing {
  readonly declared: readonly Declared[]
  readonly own: Declared
  readonly subjects: ReadonlyMap<string, string>
}

const LINK = `extend schema @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])`

const fenced = (document: DocumentNode, fencing: Fencing): DocumentNode => {
  const edited = visit(document, {
    enter: (node) => {
      if (!isObjectOrInterface(node)) return undefined
      const type = node.name.value
      const key = fencing.subjects.get(type)
      const isKeyed = key !== undefined && fencing.own.allFields.get(type)?.includes(key) === true
      const directives = [
        ...(node.directives ?? []),
        ...(isKeyed ? [directive('dataSubject', 'key', key)] : []),
      ]
      const fields = (node.fields ?? []).map((field) =>
        isFenced(type, field, fencing)
          ? {
              ...field,
              directives: [...(field.directives ?? []), directive('requiresScope', 'scope', TWIN_SCOPE)],
            }
          : field,
      )
      return { ...node, directives, fields }
    },
  })
  return { ...edited, definitions: [...parse(LINK).definitions, ...edited.definitions] }
}

/** A subject's own field, or an interface's that a subject implements; keys and what is resolved elsewhere are not. */
const isFenced = (type: string, { name }: FieldDefinitionNode, fencing: Fencing): boolean => {
  const { declared, own, subjects } = fencing
  const field = name.value
  if (own.isExternal(type, field)) return false
  const people = [type, ...(implementers(declared).get(type) ?? [])].filter((one) => subjects.has(one))
  const isKey = people.some((one) =>
    declared.some(({ keyFields }) => keyFields.get(one)?.includes(field) === true),
  )
  const isTheirs = people.some((one) =>
    declared.some(({ allFields }) => allFields.get(one)?.includes(field) === true),
  )
  return people.length > 0 && isTheirs && !isKey
}

type WithFields = (TypeDefinitionNode | TypeExtensionNode) & {
  readonly fields?: readonly FieldDefinitionNode[]
}

const isObjectOrInterface = (node: { readonly kind: string }): node is WithFields =>
  /^(Object|Interface)Type(Definition|Extension)$/.test(node.kind)

const directive = (name: string, argument: string, value: string): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: name },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value: { kind: Kind.STRING, value },
    },
  ],
})
