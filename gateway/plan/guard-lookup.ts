import { type InlineFragmentNode, Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet, topLevelNames } from '../../schema/field-set.ts'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { AssentError } from '../errors.ts'
import { cutSelection, type Moved } from './cut-selection.ts'
import { protectedCoordinates, selectedOf } from './protected-coordinates.ts'
import {
  type Guard,
  type Lookup,
  type ProofField,
  type Requirement,
  selectionSet,
  TYPENAME,
} from './query-plan.ts'
import { admits, isInterfaceObject, viewOf, type World } from './world.ts'

export interface GuardedLookup {
  readonly lookup: Lookup
  /** What people deeper in the selection still have to be asked for. */
  readonly moved: readonly Moved[]
  /** Lookups that fetch the subject key, where the representation does not carry it. */
  readonly subjectsFirst: readonly Lookup[]
}

/** The lookup that asks for what was moved out of an operation. */
export const lookupOf = ({ type, paths, selection, identity, rewrites }: Moved): Lookup => ({
  paths,
  requires: identity.requires,
  selection: selectionSet([fragmentOn(type, selection.selections)]),
  inputRewrites: identity.inputRewrites,
  outputRewrites: rewrites,
  proofs: new Map(),
  guards: new Map([[type, { ...NOTHING, subject: identity.subject }]]),
})

const NOTHING: Guard = {
  subject: [],
  coordinates: [],
  inputs: new Map(),
  serves: new Map(),
  anonymousKey: null,
}

/** Gives a lookup its guards, and cuts what is nested in it. */
export const guardLookup = (lookup: Lookup, subgraph: string, world: World): GuardedLookup => {
  const view = viewOf(world, subgraph)
  const cuts = lookup.selection.selections.map((selection) => {
    if (selection.kind !== Kind.INLINE_FRAGMENT) throw new AssentError('PLAN_UNFENCED', subgraph)
    const type = selection.typeCondition?.name.value ?? ''
    const inner = cutSelection(selection.selectionSet, {
      world,
      view,
      type,
      paths: lookup.paths,
      rewrites: lookup.outputRewrites,
    })
    return { ...inner, selection: { ...selection, selectionSet: inner.selection } }
  })
  const cutLookup: Lookup = {
    ...lookup,
    selection: selectionSet(cuts.map((one) => one.selection)),
    outputRewrites: [...lookup.outputRewrites, ...cuts.flatMap((one) => one.rewrites)],
  }
  const context: GuardContext = { world, view, lookup: cutLookup }
  const found = runtimeTypes(context).map((type) => ({ type, ...guardFor(context, type) }))
  const guards = new Map(found.flatMap(({ type, guard }) => (guard === null ? [] : [[type, guard] as const])))
  return {
    lookup: { ...cutLookup, guards, proofs: proofsOf(context) },
    moved: cuts.flatMap((one) => one.moved),
    subjectsFirst: [
      ...(guards.size > 0 ? typesFirst(context) : []),
      ...found.flatMap(({ first }) => first ?? []),
    ],
  }
}

/** Every entity proves itself, open lookups included: what they answer leads to people, or says whose an object is. */
const proofsOf = (context: GuardContext): Map<string, readonly ProofField[]> =>
  new Map(
    [...new Set([...runtimeTypes(context), ...vagueTypes(context)])].map((type) => [
      type,
      proofOf(keyOf(context, type)),
    ]),
  )

/** Names by which an interface object found an object here, whose type this subgraph is to say. */
const vagueTypes = ({ world, view, lookup }: GuardContext): string[] =>
  [...new Set(lookup.requires.flatMap((one) => (one.kind === 'type' ? [one.type] : [])))].filter((name) =>
    isVague(name, { world, view }),
  )

/** An interface here, and one object to another subgraph. */
const isVague = (name: string, { world, view }: Pick<GuardContext, 'world' | 'view'>): boolean =>
  view.types.get(name)?.kind === 'interface' && isInterfaceObject(world, name)

const proved = (context: GuardContext): Lookup => ({ ...context.lookup, proofs: proofsOf(context) })

interface GuardContext {
  readonly world: World
  readonly view: SubgraphView
  readonly lookup: Lookup
}

/** Every type that an object behind this lookup can have and its representation admits, the name of an interface object included. */
const runtimeTypes = (context: GuardContext): string[] =>
  fragmentTypes(context).filter((type) => requiredOf(context, type).length > 0)

const fragmentTypes = ({ world, view, lookup }: GuardContext): string[] => [
  ...new Set(
    lookup.selection.selections.flatMap((fragment) => {
      const name = fragment.kind === Kind.INLINE_FRAGMENT ? (fragment.typeCondition?.name.value ?? '') : ''
      const all = world.supergraph.types.get(name)?.possible ?? []
      return view.types.get(name)?.isInterfaceObject === true ? [...all, name] : all
    }),
  ),
]

const guardFor = (
  context: GuardContext,
  type: string,
): { guard: Guard | null; first?: readonly Lookup[] } => {
  const coordinates = protectedCoordinates(context.lookup.selection, type, context)
  if (coordinates.length === 0) return { guard: null }
  const subject = subjectPath(context, type)
  const guard: Guard = {
    subject: subject ?? subjectAlias(context, type),
    coordinates,
    inputs: inputsOf(context, type),
    serves: new Map(),
    anonymousKey: anonymousKey(context, type),
  }
  return subject === null ? { guard, first: [subjectLookup(context, type)] } : { guard }
}

const requiredOf = ({ world, lookup }: GuardContext, type: string): Requirement[] =>
  lookup.requires.flatMap((requirement) => {
    if (requirement.kind === 'field') return [requirement]
    return admits(world, requirement.type, type) ? requirement.children : []
  })

/** The subject key as response keys of the object: where the cut put it, or where the representation takes it from. */
const subjectPath = (context: GuardContext, type: string): readonly string[] | null => {
  const known = context.lookup.guards.get(type)?.subject
  if (known !== undefined && known.length > 0) return known
  const path: string[] = []
  let level: readonly Requirement[] = requiredOf(context, type)
  for (const name of context.world.protection.subjects.get(type)?.keyPath ?? []) {
    const found = level.find((requirement) => requirement.kind === 'field' && requirement.name === name)
    if (found?.kind !== 'field') return null
    path.push(found.source)
    level = found.children ?? []
  }
  return path.length > 0 ? path : null
}

const subjectAlias = (context: GuardContext, type: string): string[] => {
  const [top, ...below] = context.world.protection.subjects.get(type)?.keyPath ?? []
  if (top === undefined) throw new AssentError('PLAN_UNFENCED', type)
  return [`_assent_subject_${top}`, ...below]
}

/** A first step that asks the same subgraph whose data this is (design, "Cut": a representation without the subject key). */
const subjectLookup = (context: GuardContext, type: string): Lookup => {
  const subject = context.world.protection.subjects.get(type)
  const condition = context.view.types.has(type)
    ? type
    : context.lookup.selection.selections.flatMap((one) => conditionOf(one))[0]
  if (
    subject === undefined ||
    condition === undefined ||
    !context.view.types.get(condition)?.fields.has(subject.keyPath[0] ?? '')
  )
    throw new AssentError('PLAN_UNFENCED', type)
  const key = parseFieldSet(subject.key).selections.map((field) =>
    field.kind === Kind.FIELD
      ? { ...field, alias: { kind: Kind.NAME as const, value: `_assent_subject_${field.name.value}` } }
      : field,
  )
  const names = new Set(['__typename', ...topLevelNames(keyOf(context, type))])
  const children = requiredOf(context, type).filter((one) => one.kind !== 'field' || names.has(one.name))
  const lookup: Lookup = {
    ...context.lookup,
    requires: [{ kind: 'type', type, children }],
    selection: selectionSet([fragmentOn(condition, key)]),
    outputRewrites: [],
    guards: new Map(),
  }
  return proved({ ...context, lookup })
}

const conditionOf = (selection: SelectionSetNode['selections'][number]): string[] =>
  selection.kind === Kind.INLINE_FRAGMENT && selection.typeCondition !== undefined
    ? [selection.typeCondition.name.value]
    : []

/**
 * An object that one subgraph knows by its interface's name alone has to say its type where the interface is a real one,
 * before anything is decided about it.
 */
const typesFirst = ({ world, view, lookup }: GuardContext): Lookup[] => {
  const vague = [...new Set(lookup.selection.selections.flatMap(conditionOf))].filter((name) =>
    isVague(name, { world, view }),
  )
  if (vague.length === 0) return []
  const selection = selectionSet(vague.map((name) => fragmentOn(name, [TYPENAME])))
  return [proved({ world, view, lookup: { ...lookup, selection, outputRewrites: [], guards: new Map() } })]
}

const fragmentOn = (name: string, selections: SelectionSetNode['selections']): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
  selectionSet: selectionSet(selections),
})

/** The key that the representation carries: asked for again, so that what comes back says whose it is. */
const keyOf = (context: GuardContext, type: string): SelectionSetNode => {
  const sent = new Set(requiredOf(context, type).flatMap((one) => (one.kind === 'field' ? [one.name] : [])))
  const key = keySets(context, type).find((set) => topLevelNames(set).every((name) => sent.has(name)))
  if (key === undefined) throw new AssentError('PLAN_UNFENCED', type)
  return key
}

const proofOf = (set: SelectionSetNode): ProofField[] =>
  set.selections.flatMap((field) =>
    field.kind === Kind.FIELD
      ? [
          {
            responseKey: field.name.value,
            name: field.name.value,
            children: field.selectionSet === undefined ? [] : proofOf(field.selectionSet),
          },
        ]
      : [],
  )

const keySets = ({ view, lookup }: GuardContext, type: string): SelectionSetNode[] => {
  const names = [type, ...lookup.selection.selections.flatMap(conditionOf)]
  return names
    .flatMap((name) => (view.types.get(name)?.keys ?? []).filter((key) => key.resolvable))
    .map((key) => parseFieldSet(key.fields))
}

const anonymousKey = (context: GuardContext, type: string): string | null => {
  const single = keySets(context, type).find(
    (key) => key.selections.length === 1 && key.selections[0]?.kind === Kind.FIELD,
  )
  const field = single?.selections[0]
  return field?.kind === Kind.FIELD && field.selectionSet === undefined ? field.name.value : null
}

/** What each selected field reads through `@requires`, so that a representation carries it only for those who may have the field. */
const inputsOf = (context: GuardContext, type: string): Map<string, SelectionSetNode> =>
  new Map(
    selectedOf(context.lookup.selection, type, context).flatMap(({ field, on }) => {
      const types = context.world.supergraph.types
      const declared =
        types.get(type)?.fields.get(field.name.value) ?? types.get(on)?.fields.get(field.name.value)
      const requires =
        declared?.requires.get(context.view.id) ??
        types.get(on)?.fields.get(field.name.value)?.requires.get(context.view.id)
      return requires === undefined ? [] : [[`${type}.${field.name.value}`, parseFieldSet(requires)] as const]
    }),
  )
