import { parseFieldSet, topLevelNames } from '../../field-set.ts'
import { personalTypes } from '../../personal-types.ts'
import { namedType } from '../../supergraph.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { saysNobody, saysPersonal } from '../compare-terms.ts'
import type { Declared } from '../declarations.ts'
import { looksPersonal } from '../looks-personal.ts'
import { at, contractAt, contractOn, typeOf } from '../places.ts'
import { publicFields } from '../seen-by.ts'
import type { Graph, Side } from '../side.ts'
import type { Told } from '../tell.ts'
import { openWaysOf, type Step } from '../ways.ts'

/**
 * What looks like personal data and of which nobody has said what it is, is taken for personal (GDPR Art. 25: by default);
 * so is what is open on a person. Told of what a change brings; with `all`, of everything.
 */
export const unclassified: Check = (context) =>
  [...context.head.declared].flatMap(([coordinate, places]) => {
    const why = whyOf(context.head, coordinate, places)
    if (why === null || (!context.all && wasThere(context, coordinate, why))) return []
    return [toldOf(context, coordinate, why)]
  })

/** A contract that calls it nobody’s names its own owner: who answers for privacy is asked. */
const toldOf = (context: CheckContext, coordinate: string, { code, detail }: Why): Told => ({
  ...at(context, coordinate),
  ...(code === 'PERSONAL_DECLASSIFIED' ? { owner: '' } : {}),
  code,
  ...(detail === '' ? {} : { detail }),
})

interface Why {
  readonly code: 'PERSONAL_UNCLASSIFIED' | 'PERSONAL_DECLASSIFIED' | 'PERSON_FIELD_UNSAID'
  readonly detail: string
}

/** What clients did not see (`@inaccessible`) and see now is new to them; what is unsaid was said or is new. */
const wasThere = ({ base, head }: CheckContext, coordinate: string, why: Why): boolean => {
  const before = base.declared.get(coordinate)
  const isShown = isPublic(head, coordinate) && !isPublic(base, coordinate)
  if (before === undefined || isShown) return false
  if (why.code === 'PERSON_FIELD_UNSAID') return true
  const earlier = whyOf(base, coordinate, before)
  return earlier?.code === why.code && earlier.detail === why.detail
}

const isPublic = ({ graph }: Side, coordinate: string): boolean =>
  graph === null || publicFields(graph).has(coordinate)

const whyOf = (side: Side, coordinate: string, places: readonly Declared[]): Why | null => {
  const [first] = places
  if (first?.kind !== 'field' || first.type === null || isGuarded(side, coordinate)) return null
  const [type, named] = [typeOf(coordinate), namedType(first.type)]
  // What leads to an object says nothing by itself; its fields are looked at.
  if (isComposite(side, named) || isSpokenForBy(side, type, named)) return null
  const looks = looksPersonal({
    type,
    field: coordinate.slice(type.length + 1),
    named,
    description: places.map(({ description }) => description).join('\n'),
    isPersons: isPersons(side, type) || isOpenValue(side, type),
  })
  return looks === null ? unsaid(side, coordinate) : unclassifiedAt(side, coordinate, looks)
}

const isPersons = ({ graph }: Side, type: string): boolean => graph?.protection.subjects.has(type) ?? false

/** A value that is only in people, where some way leads to it past nothing protected, and no field on it says what it is. */
const isOpenValue = (side: Side, type: string): boolean => {
  const { graph } = side
  if (graph === null || !valuesIn(graph).has(type)) return false
  const way = openWaysOf(graph).get(type)
  const isSaid = ({ coordinate }: Step): boolean => {
    const classification = contractOn(side, coordinate)?.classification ?? null
    return classification !== null && !saysNobody(classification)
  }
  return way !== undefined && !way.some(isSaid)
}

const valuesIn = (graph: Graph): ReadonlySet<string> => {
  const known = values.get(graph) ?? personalTypes(graph.supergraph, graph.protection.subjects)
  values.set(graph, known)
  return known
}

const values = new WeakMap<Graph, ReadonlySet<string>>()

/**
 * A field says itself what it is. What a type says of all its fields, it says of those that nobody had thought of, too: that
 * counts for values that are called personal as a whole, and not for fields of a person that everybody may read.
 */
const unclassifiedAt = (side: Side, coordinate: string, looks: string): Why | null => {
  const type = typeOf(coordinate)
  const own = contractOn(side, coordinate)?.classification ?? null
  const around = contractOn(side, type)?.classification ?? null
  const said = own ?? around
  if (said !== null && saysNobody(said))
    return { code: 'PERSONAL_DECLASSIFIED', detail: `It is “${said}”, and ${looks}.` }
  if (own !== null || (around !== null && saysPersonal(around) && !isPersons(side, type))) return null
  return { code: 'PERSONAL_UNCLASSIFIED', detail: `It looks so because ${looks}.` }
}

/** Keys name people and things, and are what both sides know already. */
const unsaid = (side: Side, coordinate: string): Why | null => {
  const { graph, declared } = side
  const type = typeOf(coordinate)
  const isSaid = isRoot(side, type) || contractAt(side, coordinate) !== null
  if (graph === null || !isPersons(side, type) || isSaid) return null
  const isOnlyKnown = declared
    .get(coordinate)
    ?.every(({ directives }) => directives.some(({ name }) => name.value === 'external'))
  if (isOnlyKnown === true || keyFields(graph, type).has(coordinate)) return null
  return { code: 'PERSON_FIELD_UNSAID', detail: '' }
}

const keyFields = ({ supergraph, protection }: Graph, type: string): ReadonlySet<string> => {
  const keys = [...supergraph.subgraphs.values()].flatMap(({ types }) => types.get(type)?.keys ?? [])
  const sets = [...keys.map(({ fields }) => fields), protection.subjects.get(type)?.key ?? '']
  return new Set(sets.flatMap(fieldsIn).map((field) => `${type}.${field}`))
}

const fieldsIn = (set: string): string[] => {
  try {
    return topLevelNames(parseFieldSet(set))
  } catch {
    return []
  }
}

const isGuarded = (side: Side, coordinate: string): boolean =>
  (side.graph?.protection.protections.has(coordinate) ?? false) ||
  isProtecting(side.declared.get(coordinate)?.flatMap(({ directives }) => directives) ?? [])

/** A scalar or an enum may say what its values are; on people and roots its word alone opens nothing. */
const isSpokenForBy = (side: Side, type: string, named: string): boolean =>
  side.declared.get(named)?.some(({ contract, directives }) => {
    if (isProtecting(directives)) return true
    const classification = contract?.classification ?? null
    const isOpen = isPersons(side, type) || isRoot(side, type)
    return !isOpen && classification !== null && !saysNobody(classification)
  }) ?? false

const isProtecting = (directives: Declared['directives']): boolean =>
  directives.some(({ name }) => name.value === 'requiresScope')

const isRoot = ({ graph }: Side, type: string): boolean =>
  [...(graph?.supergraph.roots.values() ?? [])].includes(type)

const isComposite = ({ graph }: Side, named: string): boolean => {
  const kind = graph?.supergraph.types.get(named)?.kind
  return kind !== undefined && kind !== 'other'
}
