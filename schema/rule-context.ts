import type { DocumentNode } from 'graphql'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { readRuleGraph, type RuleGraph } from './rule-graph.ts'
import { readSubgraphDocument, type SubgraphDocument } from './subgraph-document.ts'

/** What every rule sees: the subgraphs as their authors wrote them, under canonical names, and the graph they make. */
export interface RuleContext {
  readonly subgraphs: readonly SubgraphDocument[]
  readonly graph: RuleGraph
  readonly vocabulary: Vocabulary
}

/** Takes normalised documents; they need not compose. */
export const readRuleContext = (
  documents: readonly { readonly name: string; readonly document: DocumentNode }[],
  vocabulary: Vocabulary,
): RuleContext => {
  const subgraphs = documents.map(({ name, document }) => readSubgraphDocument(name, document))
  return { subgraphs, graph: readRuleGraph(subgraphs), vocabulary }
}
