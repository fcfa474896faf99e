import {
  buildASTSchema,
  type DocumentNode,
  type GraphQLSchema,
  parse,
  printSchema,
  validateSchema,
} from 'graphql'
import { AssentError, type Fault } from './errors.ts'
import type { LoadedWorld } from './plan/load-world.ts'
import { createTagFilter, type TagFilter } from './plan/tag-filter.ts'
import { visibleDocument } from './plan/visible-document.ts'
import type { ClientContract } from './ports.ts'

/** The part of the graph that a client sees and may ask. */
export interface ClientView {
  /** Empty for the whole graph; the same for the same part. */
  readonly key: string
  readonly schema: GraphQLSchema
  /** False where a suggestion could name what the client is not shown. */
  readonly suggests: boolean
}

export interface ClientViews {
  /** Throws `CONTRACTS_INVALID` when the contract leaves nothing that can be asked. */
  of(contract: ClientContract): ClientView
  /** A view without the fields that are hidden from introspection alone. */
  shown(view: ClientView, isHidden: (coordinate: string) => boolean): GraphQLSchema
}

/** Made once for each set of tags. A client without tags costs a look at its contract. */
export const createClientViews = (world: LoadedWorld): ClientViews => {
  const whole: ClientView = { key: '', schema: world.apiSchema, suggests: true }
  const wholeOwn: ClientView = { key: 'own', schema: world.apiSchema, suggests: false }
  const schemas = new Map<string, GraphQLSchema>()
  const known = new WeakMap<ClientContract, ClientView>()
  const filterOf = once(() => createTagFilter(world.supergraph))
  const documentOf = once(() => parse(printSchema(world.apiSchema), { noLocation: true }))
  const viewOf = (contract: ClientContract, tags: TagFilter): ClientView => {
    const key = JSON.stringify([tags.include.toSorted(), tags.exclude.toSorted()])
    const schema = schemas.get(key) ?? viewSchema(documentOf(), filterOf()(tags), contract.client)
    schemas.set(key, schema)
    const isOwn = contract.introspection === 'own'
    return { key: isOwn ? `${key} own` : key, schema, suggests: !isOwn }
  }
  return {
    of(contract) {
      const { tags } = contract
      if (tags === undefined) return contract.introspection === 'own' ? wholeOwn : whole
      const view = known.get(contract) ?? viewOf(contract, tags)
      known.set(contract, view)
      return view
    },
    shown({ schema }, isHidden) {
      const { document } = visibleDocument(parse(printSchema(schema), { noLocation: true }), isHidden)
      return buildASTSchema(withQuery(document), { assumeValid: true })
    },
  }
}

const once = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}

const viewSchema = (
  whole: DocumentNode,
  isHidden: (coordinate: string) => boolean,
  client: string,
): GraphQLSchema => {
  const { document, missing } = visibleDocument(whole, isHidden)
  const schema = buildASTSchema(document, { assumeValidSDL: true })
  const faults: Fault[] = [
    ...missing.map((place) =>
      fault(client, place, 'must be given, and the tags of the contract leave it out.'),
    ),
    ...validateSchema(schema).map(({ message }) => fault(client, 'schema', message)),
  ]
  if (faults.length > 0) throw new AssentError('CONTRACTS_INVALID', `${faults.length} faults`, { faults })
  return schema
}

const fault = (client: string, place: string, problem: string): Fault => ({
  name: `${client}: tags`,
  place,
  problem,
  remedy: 'Change the tags of the contract or of the subgraphs.',
})

/** Introspection starts at the query root, also where nothing of it is shown. */
const withQuery = (document: DocumentNode): DocumentNode =>
  document.definitions.some((node) => 'name' in node && node.name?.value === 'Query')
    ? document
    : {
        ...document,
        definitions: [
          ...document.definitions,
          ...parse('type Query { _: Boolean }', { noLocation: true }).definitions,
        ],
      }
