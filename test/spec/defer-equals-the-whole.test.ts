import {
  type DocumentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { createWorld, type World, type WorldOptions } from '../support/world.ts'
import { callerRows } from './permission-table/caller.ts'
import { conditionRows } from './permission-table/conditions.ts'
import { consentStateRows } from './permission-table/consent-states.ts'
import { documentRows } from './permission-table/documents.ts'
import { entityRows } from './permission-table/entities.ts'
import { inputRows } from './permission-table/inputs.ts'
import { nestedPeopleRows } from './permission-table/nested-people.ts'
import { polymorphismRows } from './permission-table/polymorphism.ts'
import type { Row } from './permission-table/row.ts'
import { valueTypeRows } from './permission-table/value-types.ts'

const rows: readonly Row[] = [
  ...callerRows,
  ...conditionRows,
  ...consentStateRows,
  ...documentRows,
  ...entityRows,
  ...inputRows,
  ...nestedPeopleRows,
  ...polymorphismRows,
  ...valueTypeRows,
]

/** Which selections of a set are deferred: those behind the first, or all below the root. */
const WAYS: Readonly<Record<string, (set: SelectionSetNode) => number>> = {
  'what comes second': () => 1,
  everything: () => 0,
}

const deferring = (query: string, from: (set: SelectionSetNode) => number): DocumentNode =>
  visit(parse(query), {
    SelectionSet: {
      leave(set, _, parent) {
        if (parent === undefined || Array.isArray(parent)) return undefined
        if (!('kind' in parent) || parent.kind !== Kind.FIELD) return undefined
        const kept = from(set)
        const deferred = set.selections.slice(kept)
        if (deferred.length === 0) return undefined
        return { ...set, selections: [...set.selections.slice(0, kept), inDefer(deferred)] }
      },
    },
  })

const inDefer = (selections: readonly SelectionNode[]): SelectionNode => ({
  kind: Kind.INLINE_FRAGMENT,
  directives: [{ kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'defer' } }],
  selectionSet: { kind: Kind.SELECTION_SET, selections },
})

type Tree = Record<string | number, unknown>

/** As a client puts the parts together. */
const merged = (
  first: unknown,
  increments: readonly { path: readonly (string | number)[]; data?: unknown }[],
) => {
  const whole = structuredClone(first) as Tree
  for (const { path, data } of increments) {
    let target = whole
    for (const segment of path) target = target[segment] as Tree
    if (data !== null && data !== undefined) mergeInto(target, data as Tree)
  }
  return whole
}

const mergeInto = (target: Tree, source: Tree): void => {
  for (const [key, value] of Object.entries(source)) {
    const known = Object.hasOwn(target, key) ? target[key] : undefined
    if (typeof known === 'object' && known !== null && typeof value === 'object' && value !== null)
      mergeInto(known as Tree, value as Tree)
    else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  }
}

const worlds = new Map<WorldOptions, World>()
const worldOf = ({ graph, consents }: Row): World => {
  if (consents !== undefined) return createWorld({ ...graph, consents })
  const known = worlds.get(graph) ?? createWorld(graph)
  worlds.set(graph, known)
  return known
}

/** A null that goes up stops at a deferred part, so answers with errors differ by design; mutations are done once. */
const isComparable = ({ query, errors, contract }: Row): boolean =>
  (errors ?? []).length === 0 && !/^\s*mutation/.test(query) && contract?.onWithheld !== 'reject'

describe.each(Object.entries(WAYS))('an answer in parts that defer %s is the answer', (_, from) => {
  for (const row of rows.filter(isComparable))
    test(row.title, async () => {
      const world = worldOf(row)
      const asking = {
        ...(row.scopes && { scopes: row.scopes }),
        ...(row.purpose && { purpose: row.purpose }),
        ...(row.variables && { variables: row.variables }),
        contract: row.contract ?? {},
      }
      const whole = await world.ask(row.query, asking)
      const query = print(deferring(row.query, from))
      if (!query.includes('@defer')) return
      const { first, rest } = await world.askInParts(query, asking)
      const increments = (await rest?.())?.increments ?? []
      expect(merged(first.data, increments)).toEqual(whole.data)
    })
})
