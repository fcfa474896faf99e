import { createHash } from 'node:crypto'
import { parse } from 'graphql'
import type { DocumentNode } from 'graphql'
import { scopesOf, type Vocabulary } from '../directives/vocabulary.ts'
import { createClientViews } from '../gateway/client-views.ts'
import type { Fault } from '../gateway/errors.ts'
import { type LoadedWorld, loadWorld } from '../gateway/plan/load-world.ts'
import type { ClientContract } from '../gateway/ports.ts'
import { obtainableFields, type ObtainableField, type Obtaining } from '../schema/obtainable-fields.ts'

export type FieldsOf = (contract: ClientContract) => readonly ObtainableField[]

/** What each client could ever learn about people from one supergraph. Throws `AssentError` when it cannot be fenced. */
export const clientFields = (
  supergraph: string,
  vocabulary: Vocabulary,
): { readonly world: LoadedWorld; readonly fieldsOf: FieldsOf } => {
  const world = loadWorld(supergraph)
  const views = createClientViews(world)
  return {
    world,
    fieldsOf: (contract) => {
      const types = views.of(contract).schema.getTypeMap()
      const isHidden = (coordinate: string): boolean => {
        const [name = '', field] = coordinate.split('.')
        const type = types[name]
        if (type === undefined || field === undefined) return type === undefined
        return !('getFields' in type && Object.hasOwn(type.getFields(), field))
      }
      const obtaining = contract.purposes.map((purpose) => obtainingFor(purpose, contract, vocabulary))
      return obtainableFields({ ...world, isHidden }, obtaining)
    },
  }
}

/** Registered operations whose text nobody has: nobody can say what is obtained by them. */
export const unknownTexts = (contract: ClientContract): readonly string[] =>
  contract.operationsOnly
    ? [...contract.operations].flatMap(([name, { sha256 }]) =>
        textOf(contract, sha256) === undefined ? [name] : [],
      )
    : []

const obtainingFor = (purpose: string, contract: ClientContract, vocabulary: Vocabulary): Obtaining => {
  const allowed = scopesOf(vocabulary, purpose)
  return {
    purpose,
    scopes: new Set(contract.scopes.filter((scope) => allowed.has(scope))),
    documents: contract.operationsOnly ? documentsFor(purpose, contract) : null,
  }
}

const documentsFor = (purpose: string, contract: ClientContract): readonly DocumentNode[] =>
  [...contract.operations.values()].flatMap((operation) => {
    const text = operation.purpose === purpose ? textOf(contract, operation.sha256) : undefined
    return text === undefined ? [] : [parse(text, { noLocation: true })]
  })

const textOf = (contract: ClientContract, sha256: string | undefined): string | undefined =>
  [...(contract.trustedDocuments?.all() ?? [])].find(
    (text) => createHash('sha256').update(text).digest('hex') === sha256,
  )

/** What the contract declares and cannot get, and what it can get and does not declare. Nothing when it declares nothing. */
export const fieldFaults = (
  contract: ClientContract,
  obtained: readonly ObtainableField[],
): readonly Fault[] => {
  const { client, fields } = contract
  if (fields === undefined) return []
  const got = new Map(obtained.map((field) => [field.coordinate, field]))
  const more = obtained
    .filter(({ coordinate }) => !fields.includes(coordinate))
    .map(({ coordinate, purposes }) => ({
      name: coordinate,
      place: client,
      problem: `can be obtained for ${purposes.join(', ')} and is not among \`fields\`.`,
      remedy: 'Add it there, or take the scope, purpose or operation away.',
    }))
  const less = fields
    .filter((coordinate) => !got.has(coordinate))
    .map((coordinate) => ({
      name: coordinate,
      place: client,
      problem: 'is among `fields` and can never be obtained.',
      remedy: 'Take it out, or give the client what it needs for it.',
    }))
  return [...more, ...less]
}
