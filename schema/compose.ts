import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition'
import { type DocumentNode, parse, print, Source } from 'graphql'
import { inspectConsent } from '../directives/link.ts'
import { standardVocabulary, type Vocabulary } from '../directives/vocabulary.ts'
import { carryCost } from './carry-cost.ts'
import { carryDirectives } from './carry-directives.ts'
import { compositionViolation } from './composition-violation.ts'
import { markExternals } from './mark-externals.ts'
import { placeOfError } from './place-of-error.ts'
import { requiresCircles } from './requires-circle.ts'
import { isRootEntry } from './root-entry.ts'
import { readRuleContext, type RuleContext } from './rule-context.ts'
import { sealSupergraph } from './seal-supergraph.ts'
import { specifiedRules } from './specified-rules.ts'
import { verifyAccess } from './verify-access.ts'
import { verifyApplications } from './verify-applications.ts'
import type { Violation } from './violation.ts'
import { graded, type ViolationCode } from './violation-catalogue.ts'

export interface SubgraphSource {
  readonly name: string
  readonly url: string
  readonly sdl: string
  /** Where the text came from, for a reader; the name when absent. */
  readonly file?: string
}

export interface Composition {
  /** Null as soon as there is one error. */
  readonly supergraph: string | null
  readonly violations: readonly Violation[]
}

export interface ComposeOptions {
  readonly vocabulary?: Vocabulary
  /**
   * It was composed before and is only compared with: whether every field can be reached from every subgraph, which was looked
   * at then and is a quarter of what the composer does, is not looked at again.
   */
  readonly isWhatStands?: boolean
}

/**
 * Subgraphs in, one supergraph or every reason why not. Never throws for bad input.
 * The consent rules run on what the authors wrote, so that each violation knows its subgraph and line; then the graph is
 * composed, and what came out is checked to hold every protection that went in.
 */
export const compose = (
  sources: readonly SubgraphSource[],
  { vocabulary = standardVocabulary, isWhatStands = false }: ComposeOptions = {},
): Composition => {
  const read = sources.map(readSource)
  const faults = [...read.flatMap(({ violations }) => violations), ...nameFaults(sources)]
  const documents = read.flatMap(({ source, document }) =>
    document === null ? [] : [{ ...source, document }],
  )
  if (faults.length > 0) return { supergraph: null, violations: faults }
  const context = readRuleContext(documents, vocabulary)
  const composed = composeDocuments(documents, context, isWhatStands)
  const violations = [...runRules(context), ...composed.violations]
  const hasError = violations.some(({ severity }) => severity === 'error')
  return { supergraph: hasError ? null : composed.supergraph, violations }
}

/** What clients see of a supergraph. */
export const publicDocument = (supergraph: DocumentNode): DocumentNode =>
  transformSupergraphToPublicSchema(supergraph)

type ReadSource = SubgraphSource & { readonly document: DocumentNode }

const readSource = (
  source: SubgraphSource,
): { source: SubgraphSource; document: DocumentNode | null; violations: Violation[] } => {
  try {
    const { document, faults } = inspectConsent(parse(new Source(source.sdl, source.file ?? source.name)))
    const violations = faults.map((fault): Violation => ({
      ...fault,
      ...graded(fault.code),
      subgraph: source.name,
    }))
    return { source, document, violations }
  } catch (error) {
    return { source, document: null, violations: [unreadable(source, error)] }
  }
}

const unreadable = (source: SubgraphSource, error: unknown): Violation => ({
  ...graded('SUBGRAPH_UNREADABLE'),
  subgraph: source.name,
  coordinate: null,
  ...placeOfError(error),
  message: error instanceof Error ? error.message : 'the schema cannot be read',
  remedy: 'Correct the schema text at this line.',
})

const nameFaults = (sources: readonly SubgraphSource[]): Violation[] => {
  const names = sources.map(({ name }) => name)
  const doubled = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...doubled].map((name) => ({
    ...graded('SUBGRAPH_NAME_TAKEN'),
    subgraph: name,
    coordinate: null,
    line: null,
    message: 'two subgraphs have this name',
    remedy: 'Give each subgraph a name of its own.',
  }))
}

/** A rule that fails on a schema has not passed it. */
const runRules = (context: RuleContext): Violation[] =>
  specifiedRules.flatMap((rule) => {
    try {
      return rule(context)
    } catch (error) {
      return [
        failure(
          'RULE_FAILED',
          `a rule could not be decided: ${error instanceof Error ? error.message : 'unknown'}`,
        ),
      ]
    }
  })

const composeDocuments = (
  documents: readonly ReadSource[],
  context: RuleContext,
  isWhatStands: boolean,
): Composition => {
  try {
    const services = documents.map(({ name, url, document }) => ({
      name,
      url,
      typeDefs: carryDirectives(carryCost(document)),
    }))
    const result = isWhatStands ? composeServices(services, UNREACHED) : composeAll(services)
    if (result.supergraphDocumentNode === undefined)
      return {
        supergraph: null,
        violations: result.errors.map((error) => compositionViolation(error, context, documents)),
      }
    const supergraph = sealSupergraph(markExternals(result.supergraphDocumentNode, context))
    return {
      supergraph: print(supergraph),
      violations: [...verifyApplications(supergraph, context), ...verifyAccess(supergraph, context)],
    }
  } catch (error) {
    return { supergraph: null, violations: whyEndless(error, context) ?? [brokenOff(error)] }
  }
}

/** The composer follows a circle until there is no more stack. */
const whyEndless = (error: unknown, context: RuleContext): Violation[] | null => {
  const circles = error instanceof RangeError ? requiresCircles(context) : []
  return circles.length > 0 ? circles : null
}

const brokenOff = (error: unknown): Violation =>
  failure('COMPOSITION_FAILED', error instanceof Error ? error.message : 'composition failed')

/** Composes once more without the rule that was mistaken, when it is all there is to say. */
const composeAll = (services: Parameters<typeof composeServices>[0]): ReturnType<typeof composeServices> => {
  const result = composeServices(services)
  if (result.supergraphDocumentNode !== undefined || !result.errors.every(isRootEntry)) return result
  return composeServices(services, UNREACHED)
}

const UNREACHED = { disableValidationRules: ['SatisfiabilityRule'] }

const failure = (code: ViolationCode, message: string): Violation => ({
  ...graded(code),
  subgraph: null,
  coordinate: null,
  line: null,
  message,
  remedy:
    'Correct the violations beside this one; if there are none, compose the subgraphs one by one to find which one it is.',
})
