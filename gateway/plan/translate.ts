import type {
  BatchFetchNode as PlannerBatchFetch,
  FetchNode as PlannerFetch,
  FlattenNodePathSegment,
  OutputRewrite,
  PlanNode as PlannerNode,
  QueryPlan as PlannerPlan,
  RequiresSelection,
} from '@graphql-hive/router-query-planner'
import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { AssentError } from '../errors.ts'
import { servedName } from './planner-names.ts'
import { inlineFragments } from './inline-fragments.ts'
import {
  type EntityFetchNode,
  type Lookup,
  type Path,
  type PlanNode,
  type QueryPlan,
  type Requirement,
  type Rewrite,
  selectionSet,
} from './query-plan.ts'

/** The planner's plan in our words. Node kinds the executor does not know are refused, never skipped. */
export const translate = (plan: PlannerPlan): QueryPlan => ({
  root: plan.node === undefined ? null : translateNode(plan.node, []),
})

const translateNode = (node: PlannerNode, path: Path): PlanNode => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((child) => translateNode(child, path)) }
    case 'Flatten':
      return translateNode(node.node, [...path, ...node.path.map(translateSegment)])
    case 'Fetch':
      return node.requires === undefined
        ? translateFetch(node, path)
        : translateEntityFetch(node, node.requires, path)
    case 'BatchFetch':
      return translateBatch(node)
    case 'Subscription':
      // Its fetch has no `kind`, whatever the planner's types say.
      return translateFetch(node.primary, path)
    case 'Defer':
      throw new AssentError('OPERATION_UNSUPPORTED', '@defer')
    case 'Condition':
      return refuseCondition()
  }
}

const translateSegment = (segment: FlattenNodePathSegment): Path[number] => {
  if (segment === '@') return 'item'
  return 'Field' in segment ? { field: segment.Field } : { types: segment.TypeCondition }
}

const translateFetch = (node: PlannerFetch, path: Path): PlanNode => {
  const operation = readOperation(node.operation)
  return {
    kind: 'Fetch',
    subgraph: servedName(node.serviceName),
    operation: operation.operation,
    variables: operation.variableDefinitions ?? [],
    selection: operation.selectionSet,
    path,
    outputRewrites: translateRewrites(node.outputRewrites),
  }
}

const translateEntityFetch = (
  node: PlannerFetch,
  requires: readonly RequiresSelection[],
  path: Path,
): EntityFetchNode => {
  const operation = readOperation(node.operation)
  const entities = operation.selectionSet.selections.find(isEntities)
  return {
    kind: 'EntityFetch',
    subgraph: servedName(node.serviceName),
    variables: ownVariables(operation),
    lookups: [
      {
        paths: [path],
        requires: translateRequires(requires),
        selection: entities?.selectionSet ?? selectionSet([]),
        inputRewrites: translateRewrites(node.inputRewrites),
        outputRewrites: translateRewrites(node.outputRewrites),
        proofs: new Map(),
        guards: new Map(),
      },
    ],
  }
}

const translateBatch = (node: PlannerBatchFetch): EntityFetchNode => {
  const operation = readOperation(node.operation)
  const byAlias = new Map(
    operation.selectionSet.selections
      .filter(isEntities)
      .map((field) => [field.alias?.value ?? '_entities', field]),
  )
  const lookups = node.entityBatch.aliases.map((alias): Lookup => ({
    paths: alias.paths.map((path) => path.map(translateSegment)),
    requires: translateRequires(alias.requires),
    selection: byAlias.get(alias.alias)?.selectionSet ?? selectionSet([]),
    inputRewrites: translateRewrites(alias.inputRewrites),
    outputRewrites: translateRewrites(alias.outputRewrites),
    proofs: new Map(),
    guards: new Map(),
  }))
  return {
    kind: 'EntityFetch',
    subgraph: servedName(node.serviceName),
    variables: ownVariables(operation),
    lookups,
  }
}

const readOperation = (text: string): OperationDefinitionNode => {
  const document = parse(text, { noLocation: true })
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (operation === undefined) throw new AssentError('PLAN_FAILED', 'fetch')
  visit(document, { [Kind.DIRECTIVE]: refuseCondition })
  return { ...operation, selectionSet: inlineFragments(operation.selectionSet, document) }
}

/** Nothing behind this looks at conditions: what might be switched off is never there. */
const refuseCondition = (): never => {
  throw new AssentError('PLAN_FAILED', 'condition')
}

const isEntities = (selection: SelectionNode): selection is FieldNode & { selectionSet: SelectionSetNode } =>
  selection.kind === Kind.FIELD && selection.name.value === '_entities'

/** Representations are passed by us, so their variables are not the operation's. */
const ownVariables = (operation: OperationDefinitionNode): EntityFetchNode['variables'] => {
  const representations = new Set(
    operation.selectionSet.selections
      .filter(isEntities)
      .flatMap((field) =>
        (field.arguments ?? []).map(({ value }) => (value.kind === Kind.VARIABLE ? value.name.value : '')),
      ),
  )
  return (operation.variableDefinitions ?? []).filter(
    (definition) => !representations.has(definition.variable.name.value),
  )
}

const translateRequires = (requires: readonly RequiresSelection[]): Requirement[] =>
  requires.map((selection): Requirement => {
    if (selection.kind === 'InlineFragment')
      return {
        kind: 'type',
        type: selection.typeCondition,
        children: translateRequires(selection.selections),
      }
    if (selection.kind === 'FragmentSpread') throw new AssentError('PLAN_FAILED', 'requires')
    const children =
      selection.selections === undefined || selection.selections.length === 0
        ? null
        : translateRequires(selection.selections)
    // The planner's "alias" is the name to send; its "name" is the key the value was fetched under.
    return { kind: 'field', name: selection.alias ?? selection.name, source: selection.name, children }
  })

const translateRewrites = (rewrites: readonly OutputRewrite[] | undefined): Rewrite[] =>
  (rewrites ?? []).map((rewrite): Rewrite => {
    if ('KeyRenamer' in rewrite)
      return {
        kind: 'rename',
        path: rewrite.KeyRenamer.path.map(translateRewriteSegment),
        to: rewrite.KeyRenamer.renameKeyTo,
      }
    const setter = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite
    return { kind: 'set', path: setter.path.map(translateRewriteSegment), value: setter.setValueTo }
  })

const translateRewriteSegment = (
  segment: { TypenameEquals: string[] } | { Key: string },
): Rewrite['path'][number] => ('Key' in segment ? { key: segment.Key } : { types: segment.TypenameEquals })
