import type { BoundName, FieldBounds, FieldSchema, FieldType } from './contract.ts'
import { type ContractPlace, optionalOf } from './contract-place.ts'
import { unsafePartOf } from './safe-pattern.ts'

export const NUMBER_BOUNDS: readonly BoundName[] = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
]
const COUNT_BOUNDS: readonly BoundName[] = ['minLength', 'maxLength', 'minItems', 'maxItems']

const LONGEST_TEXT = 10_000
const LONGEST_LIST = 1000
const MOST_CHOICES = 1000

type Bounded = Pick<FieldSchema, 'bounds' | 'choices' | 'pattern'>

export function readBounds(place: ContractPlace, type: FieldType): Bounded {
  const pattern = optionalOf(place, 'pattern', {
    sentence: 'a regular expression between ^ and $',
    read: (value) => (typeof value === 'string' ? value : undefined),
  })
  const unsafe = pattern === null ? null : unsafePartOf(pattern)
  if (unsafe !== null)
    place.tell(
      'EVENT_CONTRACT_PATTERN_UNSAFE',
      [...place.path, 'pattern'],
      `The pattern ${unsafe}. Write characters and classes with counts, where what repeats cannot also follow; use \`enum\` for alternatives.`,
    )
  return {
    bounds: readNumbers(place),
    choices: readChoices(place, type),
    pattern: unsafe === null ? pattern : null,
  }
}

function readNumbers(place: ContractPlace): FieldBounds {
  const bounds: Partial<Record<BoundName, number>> = {}
  for (const name of [...NUMBER_BOUNDS, ...COUNT_BOUNDS]) {
    const isCount = COUNT_BOUNDS.includes(name)
    const most = name.endsWith('Items') ? LONGEST_LIST : LONGEST_TEXT
    const bound = optionalOf(place, name, {
      sentence: isCount ? `a whole number from 0 to ${most}` : 'a number',
      read: (value) => {
        if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
        return !isCount || (Number.isInteger(value) && value >= 0 && value <= most) ? value : undefined
      },
    })
    if (bound !== null) bounds[name] = bound
  }
  for (const [least, most] of [
    ['minLength', 'maxLength'],
    ['minItems', 'maxItems'],
    ['minimum', 'maximum'],
  ] as const)
    if ((bounds[least] ?? -Infinity) > (bounds[most] ?? Infinity))
      place.tell(
        'EVENT_CONTRACT_VALUE_INVALID',
        [...place.path, least],
        `Write at most what \`${most}\` says.`,
      )
  return Object.freeze(bounds)
}

function readChoices(place: ContractPlace, type: FieldType): readonly (string | number)[] | null {
  const fits = (value: unknown): value is string | number =>
    type === 'string'
      ? typeof value === 'string' && value.length <= 128
      : typeof value === 'number' && (type === 'number' || Number.isSafeInteger(value))
  return optionalOf(place, 'enum', {
    sentence: `a list of 1 to ${MOST_CHOICES} values of type ${type}, each once; null is said by the type`,
    read: (value) => {
      if (!Array.isArray(value) || value.length === 0 || value.length > MOST_CHOICES) return undefined
      return value.every(fits) && new Set(value).size === value.length ? Object.freeze([...value]) : undefined
    },
  })
}

/** Free text without an end is where everything else ends up: each text and list has a bound (GDPR Art. 5(1)(c)). */
export function tellUnbounded(field: FieldSchema, { entries, path, tell }: ContractPlace): void {
  const { type, bounds, items, examples } = field
  if (type === 'array' && (bounds.maxItems === undefined || items === null)) {
    if (bounds.maxItems === undefined)
      tell('EVENT_CONTRACT_FIELD_UNBOUNDED', [...path, 'maxItems'], 'Write `maxItems:`.')
    return
  }
  // What was written and refused has been told already.
  if (type !== 'string' || entries.has('enum') || entries.has('format')) return
  if (bounds.maxLength === undefined)
    tell(
      'EVENT_CONTRACT_FIELD_UNBOUNDED',
      [...path, 'maxLength'],
      'Write `maxLength:`, `enum:` or `format:`.',
    )
  if (examples.length === 0)
    tell(
      'EVENT_CONTRACT_ELEMENT_MISSING',
      [...path, 'examples'],
      'Write `examples:` with a made-up value or two.',
    )
}
