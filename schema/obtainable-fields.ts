import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { personalTypes } from './personal-types.ts'
import type { Clause, ProtectionMap } from './protection.ts'
import type { Supergraph } from './supergraph.ts'

/** What a client may ask for one purpose: the scopes left to it, and the documents when it may send no others. */
export interface Obtaining {
  readonly purpose: string
  readonly scopes: ReadonlySet<string>
  /** Null: whatever it likes. */
  readonly documents: readonly DocumentNode[] | null
}

/** One field about people that a client can come to know, of somebody who agrees to everything. */
export interface ObtainableField {
  readonly coordinate: string
  /** The purposes it can be got for. */
  readonly purposes: readonly string[]
  /** The scopes it rests on: each of these has to be granted; empty for what asks nothing. */
  readonly scopes: readonly string[]
}

export interface ObtainableFrom {
  readonly supergraph: Supergraph
  readonly protection: ProtectionMap
  /** What the contract's tags leave out. */
  readonly isHidden: (coordinate: string) => boolean
}

/**
 * The union of the fields about people that a client can ever obtain (data minimisation, GDPR Art. 5(1)(c)): fields of types
 * that belong to a person, and of values reached only through them, less what no purpose of the client has the scopes for.
 */
export const obtainableFields = (
  from: ObtainableFrom,
  obtaining: readonly Obtaining[],
): readonly ObtainableField[] => {
  const about = fieldsAboutPeople(from)
  const found = new Map<string, { readonly purposes: Set<string>; readonly scopes: Set<string> }>()
  for (const { purpose, scopes, documents } of obtaining) {
    const asked = documents === null ? null : askedIn(documents, from.supergraph)
    for (const [coordinate, used] of reached(from, scopes)) {
      if (!about.has(coordinate) || asked?.has(coordinate) === false) continue
      const entry = found.get(coordinate) ?? { purposes: new Set<string>(), scopes: new Set<string>() }
      found.set(coordinate, entry)
      entry.purposes.add(purpose)
      for (const scope of used) entry.scopes.add(scope)
    }
  }
  return [...found]
    .map(([coordinate, { purposes, scopes }]) => ({
      coordinate,
      purposes: [...purposes].toSorted(),
      scopes: [...scopes].toSorted(),
    }))
    .toSorted((a, b) => (a.coordinate < b.coordinate ? -1 : 1))
}

const fieldsAboutPeople = ({ supergraph, protection }: ObtainableFrom): ReadonlySet<string> => {
  const types = new Set([...protection.subjects.keys(), ...personalTypes(supergraph, protection.subjects)])
  const own = [...types].flatMap((name) =>
    [...(supergraph.types.get(name)?.fields.keys() ?? [])].map((field) => `${name}.${field}`),
  )
  return new Set([...own, ...protection.protections.keys()])
}

/** Fields that some way from a root leads to, past nothing that is lost to these scopes, each with the scopes it rests on. */
const reached = (
  { supergraph, protection, isHidden }: ObtainableFrom,
  scopes: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>()
  const seen = new Set<string>()
  const queue = [...supergraph.roots.values()]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name) || isHidden(name)) continue
    seen.add(name)
    for (const field of supergraph.types.get(name)?.fields.values() ?? []) {
      const coordinate = `${name}.${field.name}`
      const used = isHidden(coordinate) ? null : usedScopes(clausesOf(protection, coordinate), scopes)
      if (used === null) continue
      found.set(coordinate, used)
      queue.push(...possibleOf(supergraph, field.named))
    }
  }
  return found
}

const clausesOf = ({ protections }: ProtectionMap, coordinate: string): readonly Clause[] =>
  protections.get(coordinate)?.clauses ?? []

const possibleOf = ({ types }: Supergraph, name: string): readonly string[] => types.get(name)?.possible ?? []

/** Null when some clause can never be fulfilled; each clause is fulfilled by any one of its groups. */
const usedScopes = (clauses: readonly Clause[], scopes: ReadonlySet<string>): readonly string[] | null => {
  const used: string[] = []
  for (const { anyOf } of clauses) {
    const groups = anyOf.filter((group) => group.length > 0 && group.every((scope) => scopes.has(scope)))
    if (groups.length === 0) return null
    used.push(...groups.flat())
  }
  return used
}

/** Fields that documents select, of every type that a place can be of. */
const askedIn = (documents: readonly DocumentNode[], supergraph: Supergraph): ReadonlySet<string> => {
  const asked = new Set<string>()
  for (const document of documents) {
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const node of document.definitions)
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    const walking: Walking = { supergraph, fragments, done: new Set(), asked }
    for (const node of document.definitions)
      if (node.kind === Kind.OPERATION_DEFINITION)
        walk(node.selectionSet, supergraph.roots.get(node.operation) ?? '', walking)
  }
  return asked
}

interface Walking {
  readonly supergraph: Supergraph
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Fragments that were walked, on their own type each. */
  readonly done: Set<string>
  readonly asked: Set<string>
}

const walk = ({ selections }: SelectionSetNode, type: string, walking: Walking): void => {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) walkField(selection, type, walking)
    else if (selection.kind === Kind.INLINE_FRAGMENT)
      walk(selection.selectionSet, selection.typeCondition?.name.value ?? type, walking)
    else walkSpread(selection.name.value, walking)
  }
}

const walkField = ({ name, selectionSet }: FieldNode, type: string, walking: Walking): void => {
  const known = walking.supergraph.types.get(type)
  for (const possible of known?.possible ?? []) walking.asked.add(`${possible}.${name.value}`)
  const child = known?.fields.get(name.value)?.named
  if (selectionSet !== undefined && child !== undefined) walk(selectionSet, child, walking)
}

const walkSpread = (name: string, walking: Walking): void => {
  const fragment = walking.fragments.get(name)
  if (fragment === undefined || walking.done.has(name)) return
  walking.done.add(name)
  walk(fragment.selectionSet, fragment.typeCondition.name.value, walking)
}
