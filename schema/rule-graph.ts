import { type OnTheWay, typesOnTheWay } from '../directives/types-on-the-way.ts'
import type { ScopeGroups } from './protection.ts'
import { topLevelNames, parseFieldSet, singleLeafPath } from './field-set.ts'
import type { Application, FieldView, SubgraphDocument, TypeView } from './subgraph-document.ts'

/** All subgraphs seen as one graph: what can be reached, who it belongs to, and what it asks. */
export interface RuleGraph {
  /** Types that belong to a person → the subject key as first written, interfaces' keys inherited. */
  readonly subjects: ReadonlyMap<string, string>
  readonly entities: ReadonlySet<string>
  /** Object types reached without passing through a person → the coordinate that reaches them, or why they are a start. */
  readonly open: ReadonlyMap<string, string>
  /** Object types reached only through people. */
  readonly personal: ReadonlySet<string>
  readonly possibleTypes: (type: string) => readonly string[]
  readonly interfacesOf: (type: string) => readonly string[]
  readonly namedTypeOf: (type: string, field: string) => string | null
  /** Every declaration of a type's fields, with those that interface objects add. */
  readonly fieldsOf: (type: string) => ReadonlyMap<string, readonly Declared[]>
  /** What a coordinate itself asks, and-ed: own, parent type, return type, interfaces. Inputs are not included. */
  readonly clausesOf: (type: string, field: string) => readonly GraphClause[]
}

export interface Declared {
  readonly subgraph: string
  readonly field: FieldView
}

export interface GraphClause {
  readonly anyOf: ScopeGroups
  readonly otherwise: Application['otherwise']
  readonly origin: 'own' | 'parent' | 'return' | 'interface'
  readonly from: string
  readonly subgraph: string
  readonly line: number | null
}

export const readRuleGraph = (subgraphs: readonly SubgraphDocument[]): RuleGraph => {
  const views = groupViews(subgraphs)
  const fields = new Map([...views.keys()].map((type) => [type, mergeFields(views, type)]))
  const interfacesOf = (type: string): readonly string[] => [
    ...new Set((views.get(type) ?? []).flatMap(({ view }) => view.interfaces)),
  ]
  const possible = new Map([...views.keys()].map((type) => [type, possibleTypes(views, type)]))
  const base: Base = {
    views,
    interfacesOf,
    possibleTypes: (type) => possible.get(type) ?? [],
    fieldsOf: (type) => fields.get(type) ?? new Map(),
  }
  const subjects = readSubjects(base)
  const entities = new Set(
    [...views].flatMap(([type, found]) => (found.some(({ view }) => view.keys.length > 0) ? [type] : [])),
  )
  const open = reach(base, openStarts(subgraphs, entities, subjects), subjects)
  const inside = reach(base, new Map([...subjects.keys()].map((type) => [type, type])), new Map())
  const personal = new Set([...inside.keys()].filter((type) => !open.has(type) && !subjects.has(type)))
  const onTheWay = typesOnTheWay(
    [...subjects].map(([type, key]) => [type, readKeyPath(key) ?? []] as const),
    {
      reached: (type, field) =>
        (base.fieldsOf(type).get(field) ?? []).flatMap((one) => base.possibleTypes(one.field.named)),
      interfacesOf,
    },
  )
  const protecting: Protecting = { ...base, subjects, personal, onTheWay }
  const clauses = new Map<string, readonly GraphClause[]>()
  return {
    ...base,
    subjects,
    entities,
    open,
    personal,
    namedTypeOf: (type, field) => base.fieldsOf(type).get(field)?.[0]?.field.named ?? null,
    clausesOf: (type, field) => {
      const found = clauses.get(`${type}.${field}`) ?? clausesOf(protecting, type, field)
      clauses.set(`${type}.${field}`, found)
      return found
    },
  }
}

interface Viewed {
  readonly subgraph: string
  readonly view: TypeView
}

interface Base extends Pick<RuleGraph, 'possibleTypes' | 'interfacesOf' | 'fieldsOf'> {
  readonly views: ReadonlyMap<string, readonly Viewed[]>
}

const groupViews = (subgraphs: readonly SubgraphDocument[]): Map<string, Viewed[]> => {
  const views = new Map<string, Viewed[]>()
  for (const { name, types } of subgraphs)
    for (const view of types.values())
      views.set(view.name, [...(views.get(view.name) ?? []), { subgraph: name, view }])
  return views
}

const mergeFields = (views: Base['views'], type: string): Map<string, Declared[]> => {
  const own = views.get(type) ?? []
  const added = own.flatMap(({ view }) =>
    view.interfaces.flatMap((name) =>
      (views.get(name) ?? []).filter((candidate) => candidate.view.isInterfaceObject),
    ),
  )
  const merged = new Map<string, Declared[]>()
  for (const { subgraph, view } of new Set([...own, ...added]))
    for (const field of view.fields.values())
      merged.set(field.name, [...(merged.get(field.name) ?? []), { subgraph, field }])
  return merged
}

const possibleTypes = (views: Base['views'], type: string): string[] => {
  const own = views.get(type) ?? []
  if (own.length === 0) return []
  if (own.every(({ view }) => view.kind === 'object' && !view.isInterfaceObject)) return [type]
  if (own.every(({ view }) => LEAVES.has(view.kind))) return []
  const members = own.flatMap(({ view }) => view.members)
  const implementers = [...views].flatMap(([name, found]) =>
    found.some(({ view }) => view.kind === 'object' && view.interfaces.includes(type)) ? [name] : [],
  )
  return [...new Set([...members, ...implementers])]
}

const LEAVES: ReadonlySet<string> = new Set(['scalar', 'enum', 'input'])

const readSubjects = ({ views, interfacesOf }: Base): Map<string, string> => {
  const written = (type: string): string | undefined =>
    views.get(type)?.flatMap(({ view }) => view.subjectKey ?? [])[0]
  return new Map(
    [...views.keys()].flatMap((type) => {
      const key = [type, ...interfacesOf(type)].map(written).find((found) => found !== undefined)
      return key === undefined ? [] : [[type, key] as const]
    }),
  )
}

const openStarts = (
  subgraphs: readonly SubgraphDocument[],
  entities: ReadonlySet<string>,
  subjects: ReadonlyMap<string, string>,
): Map<string, string> =>
  new Map([
    ...subgraphs.flatMap(({ roots }) =>
      [...roots.keys()].map((root) => [root, 'it is a root type'] as const),
    ),
    ...[...entities]
      .filter((type) => !subjects.has(type))
      .map((type) => [type, 'it is an entity that belongs to nobody'] as const),
  ])

/** Object types reached by following fields, not going on through those in `stops`. */
const reach = (
  { possibleTypes: possible, fieldsOf }: Base,
  starts: ReadonlyMap<string, string>,
  stops: ReadonlyMap<string, unknown>,
): Map<string, string> => {
  const seen = new Map<string, string>()
  const queue = [...starts].flatMap(([type, why]) => possible(type).map((name) => [name, why] as const))
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [type, why] = next
    if (seen.has(type) || stops.has(type)) continue
    seen.set(type, why)
    for (const [name, declared] of fieldsOf(type)) {
      const inner = declared.flatMap(({ field }) => possible(field.named))
      queue.push(...inner.map((one) => [one, `${type}.${name} reaches it`] as const))
    }
  }
  return seen
}

interface Protecting extends Base, Pick<RuleGraph, 'subjects' | 'personal'> {
  readonly onTheWay: ReadonlyMap<string, readonly OnTheWay[]>
}

const clausesOf = (graph: Protecting, type: string, field: string): GraphClause[] => {
  const declared = graph.fieldsOf(type).get(field) ?? []
  const own = declared.flatMap(({ subgraph, field: view }) =>
    toClauses(view.requirements, 'own', `${type}.${field}`, subgraph),
  )
  const parent = isKeyOfSubject(graph, type, field) ? [] : typeClauses(graph, type, 'parent')
  const returned = [...new Set(declared.map(({ field: view }) => view.named))].filter((name) =>
    asksByReturn(graph, name),
  )
  const isPersons = graph.subjects.has(type) || graph.personal.has(type)
  const interfaces = isPersons ? graph.interfacesOf(type) : []
  return [
    ...own,
    ...parent,
    ...besideKeyClauses(graph, type, field),
    ...returned.flatMap((name) => typeClauses(graph, name, 'return')),
    ...interfaces.flatMap((name) => interfaceClauses(graph, name, type, field)),
  ]
}

/** What stands beside the way to a composite subject key asks what the person's type and its interfaces ask. */
const besideKeyClauses = (graph: Protecting, type: string, field: string): GraphClause[] => {
  if (graph.subjects.has(type)) return []
  const beside = (graph.onTheWay.get(type) ?? []).filter((one) => one.field !== field)
  return beside.flatMap(({ ruledBy }) => ruledBy).flatMap((name) => typeClauses(graph, name, 'parent'))
}

const asksByReturn = ({ views, subjects }: Protecting, type: string): boolean =>
  !subjects.has(type) &&
  (views.get(type) ?? []).every(({ view }) => view.kind !== 'interface' && view.kind !== 'union')

const interfaceClauses = (graph: Protecting, name: string, type: string, field: string): GraphClause[] => {
  const declared = graph.fieldsOf(name).get(field) ?? []
  const own = declared.flatMap(({ subgraph, field: view }) =>
    toClauses(view.requirements, 'interface', `${name}.${field}`, subgraph),
  )
  return isKeyOfSubject(graph, type, field) ? own : [...own, ...typeClauses(graph, name, 'interface')]
}

const typeClauses = ({ views }: Base, type: string, origin: GraphClause['origin']): GraphClause[] =>
  (views.get(type) ?? []).flatMap(({ subgraph, view }) =>
    toClauses(view.requirements, origin, type, subgraph),
  )

const toClauses = (
  applications: readonly Application[],
  origin: GraphClause['origin'],
  from: string,
  subgraph: string,
): GraphClause[] =>
  applications.map(({ scope, otherwise, line }) => ({
    anyOf: scope,
    otherwise,
    origin,
    from,
    subgraph,
    line,
  }))

/** A rule on a person's whole type spares what names the person: without its keys nothing could be asked at all. */
const isKeyOfSubject = ({ views, subjects }: Protecting, type: string, field: string): boolean => {
  const key = subjects.get(type)
  if (key === undefined) return false
  const keys = (views.get(type) ?? []).flatMap(({ view }) => view.keys.map(({ fields }) => fields))
  return [key, ...keys].some((fields) => readNames(fields).includes(field))
}

const readNames = (fieldSet: string): readonly string[] => {
  try {
    return topLevelNames(parseFieldSet(fieldSet))
  } catch {
    return []
  }
}

/** The names from the type down to the subject key; null when the key is no field set with exactly one leaf. */
export const readKeyPath = (key: string): readonly string[] | null => {
  try {
    return singleLeafPath(key)
  } catch {
    return null
  }
}
