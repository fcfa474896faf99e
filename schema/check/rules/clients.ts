import { stripIgnoredCharacters } from 'graphql'
import { isSatisfied } from '../../../directives/requires-scope.ts'
import { scopesOf } from '../../../directives/vocabulary.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { type ClientChange as Change, clientChanges } from '../client-changes.ts'
import { type ClientDocument, clientsOf, type ClientTerms } from '../clients-of.ts'
import type { FindingCode } from '../finding-catalogue.ts'
import { publicFields, seenBy } from '../seen-by.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'
import { coordinatesIn } from '../used-coordinates.ts'

/** A client may learn what its contract says, for the purposes it says, and nothing that came later unseen. */
export const clients: Check = (context) => {
  const { base, head } = context
  const [before, after] = [clientsOf(base), clientsOf(head)]
  const faults = [...after.faults, ...(base.contracts === head.contracts ? [] : before.faults)]
  const gone = [...before.clients.values()].filter(({ client }) => !after.clients.has(client))
  return [
    ...faults,
    ...after.unseen,
    ...[...after.clients.values()].flatMap((terms) => {
      const earlier = before.clients.get(terms.client)
      if (earlier === undefined) return [told(terms, ['CLIENT_ADDED', 'client'])]
      return [...changes(earlier, terms), ...reaches(context, earlier, terms)]
    }),
    ...(faults.length > 0 ? [] : gone.map((terms) => told(terms, ['CLIENT_REMOVED', 'client']))),
  ]
}

/** Without the owner of the contract: who asks for data does not allow it to themselves. */
const told = ({ client, at }: ClientTerms, [code, place, before, after]: Change): Told => ({
  code,
  coordinate: `client ${client}${place === 'client' ? '' : ` ${place}`}`,
  source: at(place.split('.')),
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
})

const changes = (before: ClientTerms, after: ClientTerms): Told[] =>
  [
    ...listed(before, after, ['scopes', 'CLIENT_SCOPE_ADDED', 'CLIENT_SCOPE_REMOVED']),
    ...listed(before, after, ['purposes', 'CLIENT_PURPOSE_ADDED', 'CLIENT_PURPOSE_REMOVED']),
    ...clientChanges(before, after).filter(([, place]) => !isTextOfBoth(place, before, after)),
  ]
    .map((change) => told(after, change))
    .concat(textChanges(before, after))

/** Where both texts are there, they are compared, and not the names of their files. */
const isTextOfBoth = (place: string, ...sides: readonly ClientTerms[]): boolean => {
  const operation = /^operations\.(.+)\.document$/.exec(place)?.[1]
  return sides.every(({ documents }) =>
    documents.some((one) => one.operation !== undefined && one.operation === operation),
  )
}

/** Under the name of a registered operation its text is asked, whatever file it stands in; layout asks nothing. */
const textChanges = (before: ClientTerms, after: ClientTerms): Told[] =>
  after.documents.flatMap((document) => {
    const { operation, text, source } = document
    if (operation === undefined) return listedChanges(before, after, document)
    const earlier = before.documents.find((one) => one.operation === operation)
    if (earlier === undefined || layoutFree(earlier.text) === layoutFree(text)) return []
    return [{ ...told(after, ['CLIENT_LOOSENED', `operations.${operation}.document`]), source, detail: TEXT }]
  })

const TEXT = 'Another text is asked under the name of a registered operation.'

/**
 * Of a manifest that is new as a whole its contract is told. A text that was listed may stand under a further id: where ids
 * are hashes, other layout makes another id.
 */
const listedChanges = (
  before: ClientTerms,
  after: ClientTerms,
  { id, text, source }: ClientDocument,
): Told[] => {
  if (!before.leaves.some(({ path: [top] }) => top === 'trustedDocuments')) return []
  const listed = before.documents.filter(({ operation }) => operation === undefined)
  const earlier = listed.find((one) => one.id === id)
  const known = (earlier === undefined ? listed : [earlier]).map((one) => layoutFree(one.text))
  if (known.includes(layoutFree(text))) return []
  const detail = earlier === undefined ? NEW_ID : OTHER_TEXT
  return [{ ...told(after, ['CLIENT_LOOSENED', `trustedDocuments.${id}`]), source, detail }]
}

const NEW_ID = 'The manifest lists another document.'
const OTHER_TEXT = 'Another text is asked under an id of the manifest.'

const layoutFree = (text: string): string => {
  try {
    return stripIgnoredCharacters(text)
  } catch {
    return text
  }
}

const listed = (
  before: ClientTerms,
  after: ClientTerms,
  [list, added, removed]: readonly ['scopes' | 'purposes', FindingCode, FindingCode],
): Change[] => [
  ...after[list].filter((one) => !before[list].includes(one)).map((one) => [added, list, '', one] as const),
  ...before[list].filter((one) => !after[list].includes(one)).map((one) => [removed, list, one, ''] as const),
]

/**
 * Protected fields that it could not obtain, and of those that were there, what its tags kept from it. What was open to it
 * and is protected now is nothing new.
 */
const reaches = (context: CheckContext, before: ClientTerms, after: ClientTerms): Told[] => {
  const { base, head } = context
  const [earlier, later] = [obtainable(base, before), obtainable(head, after)]
  const wasThere = base.graph === null ? new Set<string>() : publicFields(base.graph)
  const wasSeen = base.graph === null ? wasThere : seenBy(base.graph, before)
  const isProtected = (coordinate: string): boolean =>
    head.graph?.protection.protections.has(coordinate) ?? false
  const fresh = [...later]
    .filter((coordinate) => !earlier.has(coordinate))
    .filter((coordinate) => isProtected(coordinate) || (wasThere.has(coordinate) && !wasSeen.has(coordinate)))
  if (fresh.length === 0) return []
  return [told(after, ['CLIENT_REACHES_NEW', 'scopes', '', fresh.join(', ')])]
}

/** What this client sees and may ask, and whose requirement it can satisfy for one of its purposes, if everybody agreed. */
const obtainable = ({ graph, vocabulary }: Side, terms: ClientTerms): ReadonlySet<string> => {
  if (graph === null) return new Set()
  const asked =
    terms.operationsOnly && terms.documents.length > 0
      ? new Set(terms.documents.flatMap(({ text }) => coordinatesIn(graph.schema, text)))
      : null
  const usable = terms.purposes.map((purpose) => {
    const may = scopesOf(vocabulary, purpose)
    return new Set(terms.scopes.filter((scope) => may.has(scope)))
  })
  const found = [...seenBy(graph, terms)].filter((coordinate) => {
    const clauses = graph.protection.protections.get(coordinate)?.clauses ?? []
    const isAsked = asked === null || asked.has(coordinate)
    return isAsked && usable.some((scopes) => clauses.every(({ anyOf }) => isSatisfied(anyOf, scopes)))
  })
  return new Set(found)
}
