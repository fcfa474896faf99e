import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core'
import type { Check, CheckContext } from '../check-context.ts'
import { announcedDay } from '../announced-day.ts'
import type { FindingCode } from '../finding-catalogue.ts'
import { at, typeOf } from '../places.ts'
import type { Told } from '../tell.ts'

/**
 * What clients see, before and after (GraphQL specification, "Validation"). Directives are left out: what they say of
 * consent has a direction, which is told by other checks.
 */
export const graph: Check = async (context) => {
  const { base, head } = context
  if (base.graph === null || head.graph === null || base.graph === head.graph) return []
  const changes = await diff(base.graph.schema, head.graph.schema)
  const newTypes = new Set(changes.flatMap(({ type, path }) => (type === 'TYPE_ADDED' ? (path ?? []) : [])))
  return changes
    .filter((change) => !IGNORED.test(change.type) && !isPartOfNew(change, newTypes))
    .map((change) => toldOf(change, context))
}

/** Descriptions change nothing; ends that were announced are told with their days. */
const IGNORED = /^DIRECTIVE_|_DESCRIPTION_|DESCRIPTION_CHANGED|DEPRECATION_REASON/

const isPartOfNew = ({ type, path = '' }: Change, newTypes: ReadonlySet<string>): boolean =>
  type !== 'TYPE_ADDED' && type.endsWith('_ADDED') && newTypes.has(typeOf(path))

const LEVELS: Readonly<Record<CriticalityLevel, FindingCode>> = {
  [CriticalityLevel.Breaking]: 'BREAKING_CHANGE',
  [CriticalityLevel.Dangerous]: 'DANGEROUS_CHANGE',
  [CriticalityLevel.NonBreaking]: 'SAFE_CHANGE',
}

const toldOf = (change: Change, context: CheckContext): Told => {
  const coordinate = coordinateOf(change)
  const place = at(context, coordinate)
  const removed = /^(FIELD|ENUM_VALUE|INPUT_FIELD)_REMOVED$/.test(change.type)
    ? removedCode(coordinate, context)
    : null
  const nullability = change.type === 'FIELD_TYPE_CHANGED' ? nullabilityCode(change, context) : null
  const code = removed ?? nullability
  return {
    ...place,
    ...(code === null
      ? { code: change.type, as: LEVELS[change.criticality.level], message: `${change.message}.` }
      : { code, detail: `${change.message}.` }),
    ...(typeof change.meta.oldFieldType === 'string'
      ? { before: change.meta.oldFieldType as string, after: String(change.meta.newFieldType) }
      : {}),
  }
}

/** `Type.field.argument` is `Type.field(argument:)` elsewhere. */
const coordinateOf = ({ type, path = '', meta }: Change): string => {
  const { typeName, fieldName, argumentName } = meta as Record<string, unknown>
  if (type.startsWith('FIELD_ARGUMENT') && typeof argumentName === 'string')
    return `${String(typeName)}.${String(fieldName)}(${argumentName}:)`
  const [owner = '', field = '', argument] = path.split('.')
  return argument !== undefined && type.startsWith('FIELD_ARGUMENT')
    ? `${owner}.${field}(${argument}:)`
    : path
}

/** What was announced may go when its day has come, and not before. */
const removedCode = (coordinate: string, { base, today }: CheckContext): FindingCode | null => {
  const day = announcedDay(base, coordinate)
  if (day === null) return null
  return today !== null && day <= today ? 'REMOVED_AFTER_WINDOW' : 'REMOVED_BEFORE_WINDOW_END'
}

const nullabilityCode = ({ meta }: Change, { head }: CheckContext): FindingCode | null => {
  const { oldFieldType, newFieldType, typeName, fieldName } = meta as Record<string, string>
  if (oldFieldType === undefined || newFieldType === undefined) return null
  if (oldFieldType.replaceAll('!', '') !== newFieldType.replaceAll('!', '')) return null
  if (!isStricter(oldFieldType, newFieldType)) return 'REQUIRED_TO_NULLABLE'
  const isProtected = head.graph?.protection.protections.has(`${typeName}.${fieldName}`) ?? false
  return isProtected ? 'PROTECTED_NULLABLE_TO_REQUIRED' : 'NULLABLE_TO_REQUIRED'
}

/** Whether every `!` of the first is in the second, too. */
const isStricter = (one: string, other: string): boolean => {
  const marks = (type: string): readonly boolean[] => {
    const found: boolean[] = []
    for (let index = 0; index < type.length; index++)
      if (
        /[\w\]]/.test(type[index] ?? '') &&
        !/\w/.test((type[index] ?? '') === ']' ? '' : (type[index + 1] ?? ''))
      )
        found.push(type[index + 1] === '!')
    return found
  }
  const wanted = marks(other)
  return marks(one).every((isRequired, index) => !isRequired || wanted[index] === true)
}
