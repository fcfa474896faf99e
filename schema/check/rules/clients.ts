import { isSatisfied } from '../../../directives/requires-scope.ts'
import { scopesOf } from '../../../directives/vocabulary.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { clientsOf, type ClientTerms } from '../clients-of.ts'
import type { FindingCode } from '../finding-catalogue.ts'
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
    ...[...after.clients.values()].flatMap((terms) => {
      const earlier = before.clients.get(terms.client)
      if (earlier === undefined) return [told(terms, ['CLIENT_ADDED', 'client'])]
      return [...changes(earlier, terms), ...reaches(context, earlier, terms)]
    }),
    ...(faults.length > 0 ? [] : gone.map((terms) => told(terms, ['CLIENT_REMOVED', 'client']))),
  ]
}

type Change = readonly [code: FindingCode, place: string, before?: string, after?: string]

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
    ...settings(before, after),
  ].map((change) => told(after, change))

const listed = (
  before: ClientTerms,
  after: ClientTerms,
  [list, added, removed]: readonly ['scopes' | 'purposes', FindingCode, FindingCode],
): Change[] => [
  ...after[list].filter((one) => !before[list].includes(one)).map((one) => [added, list, '', one] as const),
  ...before[list].filter((one) => !after[list].includes(one)).map((one) => [removed, list, one, ''] as const),
]

/** For each setting its values from the tightest on; the first holds where nothing is said, but for `tight`. */
const ORDERS: Readonly<Record<string, { readonly order: readonly string[]; readonly unsaid: string }>> = {
  operationsOnly: { order: ['true', 'false'], unsaid: 'false' },
  disclose: { order: ['coordinate', 'full'], unsaid: 'full' },
  onWithheld: { order: ['reject', 'strip'], unsaid: 'strip' },
  report: { order: ['none', 'errors', 'extensions'], unsaid: 'extensions' },
  introspection: { order: ['false', 'own', 'true'], unsaid: 'false' },
  explain: { order: ['false', 'true'], unsaid: 'false' },
}

const settings = (before: ClientTerms, after: ClientTerms): Change[] =>
  [...new Set([...before.settings.keys(), ...after.settings.keys()])].flatMap((name): Change[] => {
    const { order = [], unsaid = '' } = ORDERS[name] ?? {}
    const [one, other] = [before.settings.get(name) ?? unsaid, after.settings.get(name) ?? unsaid]
    if (one === other) return []
    const isTighter = order.length > 0 ? order.indexOf(other) < order.indexOf(one) : isFewer(name, one, other)
    return [[isTighter ? 'CLIENT_TIGHTENED' : 'CLIENT_LOOSENED', name, one, other]]
  })

/** To include fewer tags is tighter, but none at all is everything; to exclude more is. */
const isFewer = (name: string, before: string, after: string): boolean => {
  const names = (text: string): string[] => text.split(', ').filter(Boolean)
  const [one, other] = [names(before), names(after)]
  if (name === 'tags.exclude') return one.every((tag) => other.includes(tag))
  return other.length > 0 && (one.length === 0 || other.every((tag) => one.includes(tag)))
}

const reaches = (context: CheckContext, before: ClientTerms, after: ClientTerms): Told[] => {
  const earlier = new Set(reachable(context.base, before))
  const fresh = reachable(context.head, after).filter((coordinate) => !earlier.has(coordinate))
  if (fresh.length === 0) return []
  return [told(after, ['CLIENT_REACHES_NEW', 'scopes', '', fresh.join(', ')])]
}

/** Protected coordinates whose requirement this client can satisfy for one of its purposes, if everybody agreed. */
const reachable = ({ graph, vocabulary }: Side, terms: ClientTerms): string[] => {
  if (graph === null) return []
  const asked =
    terms.operationsOnly && terms.documents.length > 0
      ? new Set(terms.documents.flatMap(({ text }) => coordinatesIn(graph.schema, text)))
      : null
  const usable = terms.purposes.map((purpose) => {
    const may = scopesOf(vocabulary, purpose)
    return new Set(terms.scopes.filter((scope) => may.has(scope)))
  })
  return [...graph.protection.protections.values()]
    .filter(({ clauses }) =>
      usable.some((scopes) => clauses.every(({ anyOf }) => isSatisfied(anyOf, scopes))),
    )
    .map(({ coordinate }) => coordinate)
    .filter((coordinate) => asked === null || asked.has(coordinate))
}
