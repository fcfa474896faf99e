import { selectedFields } from '../field-selections.ts'
import type { RuleContext } from '../rule-context.ts'
import { at, fieldPlaces, typePlaces } from '../rule-places.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'

/**
 * A protected field is not part of a key: keys travel between subgraphs before anybody is asked
 * (design, "Cut"). A rule on the whole type spares its keys, so only what stands on the field itself, on its own return type or on
 * the same field of an interface counts.
 */
export const protectedFieldIsNotAKey = (context: RuleContext): Violation[] => {
  const keys = keyCoordinates(context)
  return fieldPlaces(context).flatMap((place) => {
    const use = keys.get(place.coordinate)
    if (use === undefined || place.type.kind !== 'object') return []
    const asked = context.graph
      .clausesOf(place.type.name, place.field.name)
      .some((clause) => clause.origin !== 'parent')
    if (!asked) return []
    return [
      {
        ...graded('PROTECTED_KEY'),
        ...at(place),
        message: `it is protected and part of ${use}, which travels between subgraphs before anybody is asked`,
        remedy: 'Use an opaque id as the key, and keep the protected value in a field of its own.',
      },
    ]
  })
}

const keyCoordinates = (context: RuleContext): Map<string, string> => {
  const found = new Map<string, string>()
  for (const { type } of typePlaces(context)) {
    const sets = type.keys.map(({ fields }) => [fields, `@key(fields: ${JSON.stringify(fields)})`] as const)
    const subject =
      type.subjectKey === null
        ? []
        : [[type.subjectKey, `@dataSubject(key: ${JSON.stringify(type.subjectKey)})`] as const]
    for (const [set, use] of [...sets, ...subject])
      for (const selected of selectedFields(context.graph, type.name, set))
        found.set(`${selected.type}.${selected.field}`, `${use} on ${type.name}`)
  }
  return found
}
