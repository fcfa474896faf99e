import { QueryPlanner } from '@graphql-hive/router-query-planner'
import {
  buildASTSchema,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  parse,
  print,
  visit,
} from 'graphql'
import { ConsentLinkError } from '../../directives/link.ts'
import { unknownAccessVersions } from '../../directives/caller-access.ts'
import { readAccess } from '../../schema/access.ts'
import { applications } from '../../schema/definitions.ts'
import { readProtection } from '../../schema/protection.ts'
import { readSupergraph, type Supergraph } from '../../schema/supergraph.ts'
import { AssentError, type Fault } from '../errors.ts'
import { inputNames } from './input-names.ts'
import type { OverridesOfGraph } from './overrides.ts'
import { plannerSupergraph } from './planner-supergraph.ts'
import { inProcessPlanner, type Planner, type StartPlanner } from './planner.ts'
import { type KeptFromPlanner, keptFromPlanner } from './kept-from-planner.ts'
import type { World } from './world.ts'

export interface LoadedWorld extends World {
  readonly planner: Planner
  /** What clients see: no join, link or consent words, nothing inaccessible. */
  readonly apiSchema: GraphQLSchema
  readonly overrides: OverridesOfGraph
  readonly keptFromPlanner: KeptFromPlanner
}

/** Reads a supergraph for serving. One that cannot be fenced is refused whole, with every reason (fail closed). */
export const loadWorld = (sdl: string, startPlanner?: StartPlanner): LoadedWorld => {
  const supergraph = read(sdl)
  const { map: protection, faults: unfenced } = readProtection(supergraph)
  const { map: access, faults: unreadable } = readAccess(supergraph)
  const faults = [...unfenced, ...unreadable]
  if (faults.length > 0)
    throw new AssentError('SUPERGRAPH_UNFENCED', 'supergraph', {
      faults: faults.map(({ code, coordinate, message }): Fault => ({
        name: code,
        place: coordinate,
        problem: `${message}.`,
        remedy: 'Run `assent schema compose` on the subgraphs; it names line and remedy.',
      })),
    })
  const plannerSdl = print(
    plannerSupergraph(supergraph, (coordinate) => protection.protections.has(coordinate)),
  )
  const native = createPlanner(plannerSdl)
  const apiSchema = apiSchemaOf(native)
  const fieldNames = new Set([...supergraph.types.values()].flatMap((type) => [...type.fields.keys()]))
  return {
    supergraph,
    protection,
    access,
    fieldNames,
    inputNames: inputNames(supergraph, protection.subjects),
    sharedNames: sharedNames(supergraph),
    planner: startPlanner?.(plannerSdl) ?? inProcessPlanner(native, plannerSdl),
    apiSchema,
    keptFromPlanner: keptFromPlanner(supergraph),
    overrides: { labels: native.overrideLabels, percentages: native.overridePercentages },
  }
}

/** Names of fields of interface objects. */
const sharedNames = ({ subgraphs }: Supergraph): ReadonlySet<string> => {
  const types = [...subgraphs.values()].flatMap((view) => [...view.types.values()])
  return new Set(types.flatMap((type) => (type.isInterfaceObject ? [...type.fields.keys()] : [])))
}

const read = (sdl: string): Supergraph => {
  try {
    refuseUnknownSecurity(parse(sdl))
    const supergraph = readSupergraph(sdl)
    if (supergraph.subgraphs.size === 0 || !supergraph.roots.has('query'))
      throw new Error('it names no subgraphs or no query root')
    return supergraph
  } catch (cause) {
    if (cause instanceof AssentError) throw cause
    if (cause instanceof ConsentLinkError) throw linkError(cause)
    throw new AssentError('SUPERGRAPH_INVALID', cause instanceof Error ? cause.message : 'supergraph', {
      cause,
    })
  }
}

/** Rules we cannot read are rules we would not keep: a newer specification, or words without the link that says what they mean. */
const linkError = (cause: ConsentLinkError): AssentError => {
  const isNewer = cause.faults.some(({ code }) => code === 'CONSENT_VERSION_UNKNOWN')
  const faults = cause.faults.map(({ code, coordinate, message, remedy }) => ({
    name: code,
    place: coordinate ?? 'schema',
    problem: `${message}.`,
    remedy,
  }))
  return new AssentError(isNewer ? 'SUPERGRAPH_UNSUPPORTED' : 'SUPERGRAPH_UNFENCED', 'supergraph', {
    cause,
    faults,
  })
}

const createPlanner = (sdl: string): QueryPlanner => {
  try {
    return new QueryPlanner(sdl)
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', 'planner', { cause })
  }
}

/** A security feature, or a version of one, that we do not know would be one we do not enforce (federation, "@link for: SECURITY"). */
const refuseUnknownSecurity = (document: DocumentNode): void => {
  const [unknown] = unknownAccessVersions(document)
  if (unknown !== undefined) throw new AssentError('SUPERGRAPH_UNSUPPORTED', unknown)
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue
    for (const link of applications(node.directives, 'link')) {
      const url = String(link['url'])
      if (link['for'] === 'SECURITY' && !KNOWN_SECURITY.some((known) => url.startsWith(known)))
        throw new AssentError('SUPERGRAPH_UNSUPPORTED', url)
    }
  }
}

const KNOWN_SECURITY = [
  'https://assent.example/consent/v1.',
  'https://specs.apollo.dev/inaccessible/v0.',
  'https://specs.apollo.dev/authenticated/v0.1',
  'https://specs.apollo.dev/requiresScopes/v0.1',
  'https://specs.apollo.dev/policy/v0.1',
]

/**
 * The planner's consumer schema prints introspection types as its own, and the consent words as the graph's. It drops an
 * inaccessible type, but names it still where it was a member of a union or an interface of another type.
 */
const apiSchemaOf = (planner: QueryPlanner): GraphQLSchema => {
  const document = parse(planner.consumerSchema, { noLocation: true })
  const defined = new Set(
    document.definitions.flatMap((node) => ('name' in node && node.name ? [node.name.value] : [])),
  )
  const isDefined = ({ name }: NamedTypeNode): boolean => defined.has(name.value)
  const kept = visit(document, {
    enter: (node) => {
      if (!('name' in node) || node.name === undefined) return undefined
      const isDefinition = node.kind.endsWith('Definition')
      return isDefinition && /^(__|consent__)/.test(node.name.value) ? null : undefined
    },
    leave: (node) => {
      if (node.kind === Kind.UNION_TYPE_DEFINITION)
        return { ...node, types: (node.types ?? []).filter(isDefined) }
      if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION)
        return { ...node, interfaces: (node.interfaces ?? []).filter(isDefined) }
      return undefined
    },
  })
  return buildASTSchema({ ...kept, definitions: [...kept.definitions, DEFER] }, { assumeValidSDL: true })
}

/** Answered in parts to clients that can read them (incremental delivery); the planner does not know of it. */
const [DEFER] = parse(
  'directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT',
  { noLocation: true },
).definitions as [DirectiveDefinitionNode]
