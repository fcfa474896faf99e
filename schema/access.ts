import { Kind, type SelectionSetNode } from 'graphql'
import { type AccessClause, implies, readAccessWords } from '../directives/caller-access.ts'
import { parseFieldSet } from './field-set.ts'
import { fault, type ProtectionFault } from './protection-fault.ts'
import type { Supergraph, SupergraphField, SupergraphType } from './supergraph.ts'

/** What a graph asks of its callers, whoever the data is about. */
export interface AccessMap {
  /** By the field of a concrete type; all clauses must hold. */
  readonly rules: ReadonlyMap<string, readonly AccessClause[]>
  /** Every scope and every policy that a rule names. */
  readonly scopes: ReadonlySet<string>
  readonly policies: ReadonlySet<string>
}

/**
 * What stands on a field, on its type, on the type it returns, on an interface that speaks for it and on what it requires
 * is AND-ed. Interfaces and unions ask nothing themselves: each concrete type is decided for itself.
 */
export const readAccess = (supergraph: Supergraph): { map: AccessMap; faults: ProtectionFault[] } => {
  const written = new Map<string, AccessClause[]>()
  const faults: ProtectionFault[] = []
  for (const { coordinate, clause } of readAccessWords(supergraph.document)) {
    written.set(coordinate, [...(written.get(coordinate) ?? []), clause])
    if (isEmptyAccess(clause))
      faults.push(fault('ACCESS_LIST_EMPTY', coordinate, `its @${clause.word} has an empty list`))
  }
  const reading: Reading = { supergraph, written, done: new Map() }
  if (written.size > 0) for (const type of supergraph.types.values()) readType(reading, type)
  const rules = new Map([...reading.done].filter(([, clauses]) => clauses.length > 0))
  for (const [coordinate, clauses] of interfaceRules(supergraph, rules)) rules.set(coordinate, clauses)
  const named = (word: AccessClause['word']) =>
    new Set(
      [...rules.values()]
        .flat()
        .flatMap((one) => ('anyOf' in one && one.word === word ? one.anyOf.flat() : [])),
    )
  return { map: { rules, scopes: named('requiresScopes'), policies: named('policy') }, faults }
}

/** An empty list has been read as "everybody may" elsewhere; nothing is what nobody meant. */
export const isEmptyAccess = (clause: AccessClause): boolean =>
  'anyOf' in clause &&
  (clause.anyOf.length === 0 ||
    clause.anyOf.some((group) => group.length === 0 || group.some((name) => name.trim() === '')))

interface Reading {
  readonly supergraph: Supergraph
  readonly written: ReadonlyMap<string, readonly AccessClause[]>
  /** Empty while in progress. */
  readonly done: Map<string, readonly AccessClause[]>
}

const readType = (reading: Reading, type: SupergraphType): void => {
  if (type.kind === 'object') for (const field of type.fields.values()) rulesOf(reading, type, field)
}

const rulesOf = (reading: Reading, type: SupergraphType, field: SupergraphField): readonly AccessClause[] => {
  const coordinate = `${type.name}.${field.name}`
  const known = reading.done.get(coordinate)
  if (known !== undefined) return known
  reading.done.set(coordinate, [])
  const returned = reading.supergraph.types.get(field.named)
  const clauses = distinct([
    ...(reading.written.get(coordinate) ?? []),
    ...type.interfaces.flatMap((name) => inherited(reading, name, `.${field.name}`)),
    ...typeRules(reading, type),
    ...(returned === undefined ? [] : typeRules(reading, returned)),
    ...[...field.requires.values()].flatMap((set) => inputRules(reading, type, parseFieldSet(set))),
  ])
  reading.done.set(coordinate, clauses)
  return clauses
}

/** What stands on a type that is more than a name for others. */
const typeRules = (reading: Reading, type: SupergraphType): AccessClause[] =>
  type.kind === 'interface' || type.kind === 'union'
    ? []
    : [
        ...(reading.written.get(type.name) ?? []),
        ...type.interfaces.flatMap((name) => inherited(reading, name, '')),
      ]

/**
 * What an interface asks, its implementers ask (CVE-2025-64530 family). Composition writes on an interface what the types
 * behind it ask together; that is no word of the interface's own, and binds nobody else.
 */
const inherited = ({ supergraph, written }: Reading, name: string, field: string): AccessClause[] => {
  const asked = written.get(`${name}${field}`) ?? []
  if (asked.length === 0) return []
  const behind = supergraph.types.get(name)?.possible ?? []
  const theirs = behind.flatMap((one) => written.get(`${one}${field}`) ?? [])
  return asked.filter((clause) => !isSum(clause, theirs))
}

const isSum = (clause: AccessClause, parts: readonly AccessClause[]): boolean => {
  if (clause.word === 'authenticated') return parts.some(({ word }) => word === clause.word)
  let together: string[][] = [[]]
  for (const part of distinct(parts)) {
    if (!('anyOf' in part) || part.word !== clause.word) continue
    if (together.length * part.anyOf.length > MOST_TOGETHER) return false
    together = together.flatMap((names) => part.anyOf.map((group) => [...names, ...group]))
  }
  return implies({ word: clause.word, anyOf: together }, clause)
}

const MOST_TOGETHER = 10_000

const inputRules = (reading: Reading, type: SupergraphType, set: SelectionSetNode): AccessClause[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const narrowed = reading.supergraph.types.get(selection.typeCondition?.name.value ?? type.name) ?? type
      return inputRules(reading, narrowed, selection.selectionSet)
    }
    return type.possible.flatMap((name) => {
      const owner = reading.supergraph.types.get(name)
      const field = owner?.fields.get(selection.name.value)
      if (owner === undefined || field === undefined) return []
      const returned = reading.supergraph.types.get(field.named)
      const below =
        selection.selectionSet === undefined || returned === undefined
          ? []
          : inputRules(reading, returned, selection.selectionSet)
      return [...rulesOf(reading, owner, field), ...below]
    })
  })

/** An object that only says an interface's name may be any of its types. */
const interfaceRules = (
  { types }: Supergraph,
  rules: ReadonlyMap<string, readonly AccessClause[]>,
): [string, readonly AccessClause[]][] =>
  [...types.values()]
    .filter(({ kind }) => kind === 'interface')
    .flatMap(({ name, fields, possible }) =>
      [...fields.keys()].flatMap((field): [string, readonly AccessClause[]][] => {
        const clauses = distinct(possible.flatMap((one) => rules.get(`${one}.${field}`) ?? []))
        return clauses.length === 0 ? [] : [[`${name}.${field}`, clauses]]
      }),
    )

const distinct = (clauses: readonly AccessClause[]): AccessClause[] => [
  ...new Map(clauses.map((clause) => [JSON.stringify(clause), clause])).values(),
]
