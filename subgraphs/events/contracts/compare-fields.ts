import { ranked, textChange } from './compare-terms.ts'
import { BOUNDS, type BoundName, DISPOSITIONS, type EventContract, type FieldSchema } from './contract.ts'
import type { PlacedChange } from './contract-change.ts'

/** What changed of the fields of `data`: told for each field, and for a list of what a field may hold, for each part. */
export function compareFields(base: EventContract, head: EventContract): readonly PlacedChange[] {
  return fieldChanges(base.fields, head.fields, { path: 'fields', base, head })
}

interface Spot {
  readonly path: string
  readonly base: EventContract
  readonly head: EventContract
}

function fieldChanges(before: FieldSchema, after: FieldSchema, spot: Spot): readonly PlacedChange[] {
  const { path, base, head } = spot
  const own: PlacedChange[] = [
    ...textChange([`${path}.meaning`, before.meaning, after.meaning], 'MEANING_CHANGED'),
    ...classificationChange(before, after, path),
    ...ownDisposition(before, after, { path, base, head }),
  ]
  if (before.type !== after.type)
    return [
      ...own,
      { code: 'FIELD_TYPE_CHANGED', path: `${path}.type`, before: before.type, after: after.type },
    ]
  if (before.nullable !== after.nullable)
    own.push({ code: after.nullable ? 'FIELD_NULLABLE' : 'FIELD_NOT_NULLABLE', path: `${path}.type` })
  return [
    ...own,
    ...BOUNDS.flatMap((name) => boundChange(name, [before.bounds[name], after.bounds[name]], path)),
    ...choiceChanges(before.choices, after.choices, `${path}.enum`),
    ...ruleChange([before.pattern, after.pattern], `${path}.pattern`),
    ...ruleChange([before.format, after.format], `${path}.format`),
    ...(before.items === null || after.items === null
      ? []
      : fieldChanges(before.items, after.items, { ...spot, path: `${path}.items` })),
    ...propertyChanges(before, after, spot),
  ]
}

/** The more a class says of a person, the further behind it stands. */
const RANKS: readonly (readonly string[])[] = [
  ['reference'],
  ['behaviour', 'transaction', 'preference', 'relationship'],
  ['pseudonymous'],
]

function classificationChange(
  before: FieldSchema,
  after: FieldSchema,
  path: string,
): readonly PlacedChange[] {
  const [one, other] = [before.classification, after.classification]
  if (one === other) return []
  const rankOf = (word: string | null): number => RANKS.findIndex((words) => words.includes(word ?? ''))
  const code = rankOf(other) < rankOf(one) ? 'CLASSIFICATION_LOWERED' : 'CLASSIFICATION_CHANGED'
  return [{ code, path: `${path}.classification`, before: one, after: other }]
}

/** What a field does not say, the contract says for it; a change of the contract is told once, there. */
function ownDisposition(
  before: FieldSchema,
  after: FieldSchema,
  { path, base, head }: Spot,
): readonly PlacedChange[] {
  if (before.disposition === after.disposition) return []
  return ranked(
    DISPOSITIONS,
    [`${path}.disposition`, before.disposition ?? base.disposition, after.disposition ?? head.disposition],
    ['DISPOSITION_LOOSENED', 'DISPOSITION_TIGHTENED'],
  )
}

function boundChange(
  name: BoundName,
  [before, after]: readonly [number | undefined, number | undefined],
  path: string,
): readonly PlacedChange[] {
  if (before === after) return []
  const isLower = name.toLowerCase().includes('min')
  const open = isLower ? -Infinity : Infinity
  const isNarrower = isLower ? (after ?? open) > (before ?? open) : (after ?? open) < (before ?? open)
  return [
    {
      code: isNarrower ? 'FIELD_NARROWED' : 'FIELD_WIDENED',
      path: `${path}.${name}`,
      before: shown(before),
      after: shown(after),
    },
  ]
}

const shown = (value: number | undefined): string | null => (value === undefined ? null : String(value))

function choiceChanges(
  before: FieldSchema['choices'],
  after: FieldSchema['choices'],
  path: string,
): readonly PlacedChange[] {
  if (before === null && after === null) return []
  if (before === null || after === null)
    return [{ code: after === null ? 'FIELD_WIDENED' : 'FIELD_NARROWED', path }]
  const gone = before.filter((choice) => !after.includes(choice))
  const come = after.filter((choice) => !before.includes(choice))
  return [
    ...(gone.length === 0 ? [] : [{ code: 'CHOICE_REMOVED' as const, path, before: gone.join(', ') }]),
    ...(come.length === 0 ? [] : [{ code: 'CHOICE_ADDED' as const, path, after: come.join(', ') }]),
  ]
}

/** Whether one pattern takes all that another takes is not computed: a change may narrow. */
function ruleChange(
  [before, after]: readonly [string | null, string | null],
  path: string,
): readonly PlacedChange[] {
  if (before === after) return []
  return [{ code: after === null ? 'FIELD_WIDENED' : 'FIELD_NARROWED', path, before, after }]
}

function propertyChanges(before: FieldSchema, after: FieldSchema, spot: Spot): readonly PlacedChange[] {
  const path = `${spot.path}.properties`
  const gone = [...before.properties.keys()].filter((name) => !after.properties.has(name))
  const come = [...after.properties.keys()].filter((name) => !before.properties.has(name))
  const renamed = renamings([before, after], { gone, come }, spot)
  const newNames = new Set(renamed.values())
  return [
    ...[...before.properties].flatMap(([name, field]) => {
      const other = after.properties.get(name)
      if (other === undefined) return []
      return [
        ...requiredChange([before.required.has(name), after.required.has(name)], `${path}.${name}`),
        ...fieldChanges(field, other, { ...spot, path: `${path}.${name}` }),
      ]
    }),
    ...gone.map((name): PlacedChange => {
      const newName = renamed.get(name)
      if (newName === undefined) return { code: 'FIELD_REMOVED', path: `${path}.${name}` }
      return { code: 'FIELD_RENAMED', path: `${path}.${name}`, before: name, after: newName }
    }),
    ...come
      .filter((name) => !newNames.has(name))
      .map((name): PlacedChange => ({
        code: after.required.has(name) ? 'FIELD_ADDED_REQUIRED' : 'FIELD_ADDED',
        path: `${path}.${name}`,
      })),
  ]
}

function requiredChange([before, after]: readonly [boolean, boolean], path: string): readonly PlacedChange[] {
  return before === after ? [] : [{ code: after ? 'FIELD_REQUIRED' : 'FIELD_OPTIONAL', path }]
}

/** A field that went and one that came, which mean the same and hold the same, are one field. */
function renamings(
  [before, after]: readonly [FieldSchema, FieldSchema],
  { gone, come }: { gone: readonly string[]; come: readonly string[] },
  spot: Spot,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>()
  const free = new Set(come)
  for (const name of gone) {
    const field = before.properties.get(name)
    const newName = [...free].find((candidate) => {
      const other = after.properties.get(candidate)
      return field !== undefined && other !== undefined && fieldChanges(field, other, spot).length === 0
    })
    if (newName === undefined) continue
    renamed.set(name, newName)
    free.delete(newName)
  }
  return renamed
}
