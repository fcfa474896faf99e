import { QueryPlanner } from '@graphql-hive/router-query-planner'
import { buildASTSchema, type DocumentNode, type GraphQLSchema, Kind, parse, print, visit } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import { readProtection } from '../../schema/protection.ts'
import { applications, readSupergraph, type Supergraph } from '../../schema/supergraph.ts'
import { AssentError, type Fault } from '../errors.ts'
import type { World } from './world.ts'

export interface LoadedWorld extends World {
  readonly planner: QueryPlanner
  /** What clients see: no join, link or consent words, nothing inaccessible. */
  readonly apiSchema: GraphQLSchema
}

/** Reads a supergraph for serving. One that cannot be fenced is refused whole, with every reason (fail closed). */
export const loadWorld = (sdl: string): LoadedWorld => {
  const supergraph = read(sdl)
  refuseUnknownSecurity(supergraph)
  const { map: protection, faults } = readProtection(supergraph)
  if (faults.length > 0)
    throw new AssentError('SUPERGRAPH_UNFENCED', 'supergraph', {
      faults: faults.map(({ code, coordinate, message }): Fault => ({
        name: code,
        place: coordinate,
        problem: `${message}.`,
        remedy: 'Run `assent schema compose` on the subgraphs; it names line and remedy.',
      })),
    })
  const planner = createPlanner(
    print(forPlanner(supergraph, (coordinate) => protection.protections.has(coordinate))),
  )
  const fieldNames = new Set([...supergraph.types.values()].flatMap((type) => [...type.fields.keys()]))
  return { supergraph, protection, fieldNames, planner, apiSchema: apiSchemaOf(planner) }
}

const read = (sdl: string): Supergraph => {
  try {
    const supergraph = readSupergraph(sdl)
    if (supergraph.subgraphs.size === 0 || !supergraph.roots.has('query'))
      throw new Error('it names no subgraphs or no query root')
    return supergraph
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', cause instanceof Error ? cause.message : 'supergraph', {
      cause,
    })
  }
}

const createPlanner = (sdl: string): QueryPlanner => {
  try {
    return new QueryPlanner(sdl)
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', 'planner', { cause })
  }
}

/** A security feature we do not know would be one we do not enforce (federation, "@link for: SECURITY"). */
const refuseUnknownSecurity = (supergraph: Supergraph): void => {
  for (const node of supergraph.document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue
    for (const link of applications(node.directives, 'link')) {
      const url = String(link['url'])
      if (link['for'] === 'SECURITY' && !KNOWN_SECURITY.some((known) => url.startsWith(known)))
        throw new AssentError('SUPERGRAPH_UNSUPPORTED', url)
    }
  }
}

const KNOWN_SECURITY = ['https://assent.example/consent/v1.', 'https://specs.apollo.dev/inaccessible/v0.']

/** The planner needs no consent words, and must not take a protected field on the promise of `@provides`. */
const forPlanner = (supergraph: Supergraph, isProtected: (coordinate: string) => boolean): DocumentNode =>
  visit(supergraph.document, {
    Directive: (node) => (CONSENT_DIRECTIVES.has(node.name.value) ? null : undefined),
    DirectiveDefinition: (node) => (CONSENT_DIRECTIVES.has(node.name.value) ? null : undefined),
    FieldDefinition: (node) => {
      const named = supergraph.document === undefined ? '' : print(node.type).replaceAll(/[[\]!]/g, '')
      const directives = (node.directives ?? []).map((directive) =>
        directive.name.value === 'join__field'
          ? {
              ...directive,
              arguments: (directive.arguments ?? []).flatMap((argument) =>
                keepProvided(argument, named, { supergraph, isProtected }),
              ),
            }
          : directive,
      )
      return {
        ...node,
        directives: directives.filter((directive) => !CONSENT_DIRECTIVES.has(directive.name.value)),
      }
    },
  })

const CONSENT_DIRECTIVES = new Set(['requiresScope', 'dataSubject', 'dataContract'])

interface Providing {
  readonly supergraph: Supergraph
  readonly isProtected: (coordinate: string) => boolean
}

type Argument = NonNullable<
  NonNullable<import('graphql').FieldDefinitionNode['directives']>[number]['arguments']
>[number]

const keepProvided = (argument: Argument, type: string, providing: Providing): Argument[] => {
  if (argument.name.value !== 'provides' || argument.value.kind !== Kind.STRING) return [argument]
  const kept = openPart(parseFieldSet(argument.value.value), type, providing)
  return kept === '' ? [] : [{ ...argument, value: { ...argument.value, value: kept } }]
}

const openPart = (set: ReturnType<typeof parseFieldSet>, type: string, providing: Providing): string =>
  set.selections
    .flatMap((selection): string[] => {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = selection.typeCondition?.name.value ?? type
        const inner = openPart(selection.selectionSet, on, providing)
        return inner === '' ? [] : [`... on ${on} { ${inner} }`]
      }
      if (selection.kind !== Kind.FIELD) return []
      const name = selection.name.value
      const owners = providing.supergraph.types.get(type)?.possible ?? []
      if (owners.some((owner) => providing.isProtected(`${owner}.${name}`))) return []
      if (selection.selectionSet === undefined) return [name]
      const inner = openPart(
        selection.selectionSet,
        providing.supergraph.types.get(type)?.fields.get(name)?.named ?? '',
        providing,
      )
      return inner === '' ? [] : [`${name} { ${inner} }`]
    })
    .join(' ')

/** The planner's consumer schema prints introspection types as its own, and the consent words as the graph's. */
const apiSchemaOf = (planner: QueryPlanner): GraphQLSchema => {
  const document = parse(planner.consumerSchema, { noLocation: true })
  const kept = visit(document, {
    enter: (node) => {
      if (!('name' in node) || node.name === undefined) return undefined
      const isDefinition = node.kind.endsWith('Definition')
      return isDefinition && /^(__|consent__)/.test(node.name.value) ? null : undefined
    },
  })
  return buildASTSchema(kept, { assumeValidSDL: true })
}
