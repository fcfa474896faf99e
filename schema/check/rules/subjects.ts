import { readDataSubject } from '../../../directives/data-subject.ts'
import type { Check } from '../check-context.ts'
import { at } from '../places.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'

/** Whose data it is decides who is asked (GDPR Art. 4(1)): another key is another person. */
export const subjects: Check = (context) => {
  const { base, head } = context
  const [before, after] = [keysOf(base), keysOf(head)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((type): Told[] => {
    if (!base.declared.has(type) || !head.declared.has(type)) return []
    const [one, other] = [before.get(type), after.get(type)]
    if (one === other) return []
    const code =
      one === undefined ? 'SUBJECT_ADDED' : other === undefined ? 'SUBJECT_REMOVED' : 'SUBJECT_KEY_CHANGED'
    return [{ ...at(context, type), code, before: one ?? '', after: other ?? '' }]
  })
}

const keysOf = ({ declared }: Side): ReadonlyMap<string, string> =>
  new Map(
    [...declared].flatMap(([coordinate, places]) => {
      const key = places.map(readDataSubject).find((one) => one !== null)
      return key === undefined || key === null
        ? []
        : [[coordinate, key.replaceAll(/[\s,]+/g, ' ').trim()] as const]
    }),
  )
