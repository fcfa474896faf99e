import { type OnTheWay, typesOnTheWay } from '../directives/types-on-the-way.ts'
import { applications } from './definitions.ts'
import { singleLeafPath } from './field-set.ts'
import { fault, type ProtectionFault } from './protection-fault.ts'
import type { Supergraph } from './supergraph.ts'

/** A type that belongs to a person, and the field set that names the person. */
export interface DataSubject {
  readonly type: string
  /** As written: `pid` or `customer { pid }`; exactly one leaf. */
  readonly key: string
  /** The same as names from the type down to the leaf. */
  readonly keyPath: readonly string[]
}

/** Every type that belongs to a person; an object inherits the key of its interface. */
export const readSubjects = (supergraph: Supergraph, faults: ProtectionFault[]): Map<string, DataSubject> => {
  const subjects = new Map<string, DataSubject>()
  for (const type of supergraph.types.values()) {
    const from = [type, ...type.interfaces.map((name) => supergraph.types.get(name))]
    const keys = from.flatMap((source) =>
      applications(source?.directives, 'dataSubject').map((use) => String(use['key'])),
    )
    const key = keys[0]
    if (key === undefined) continue
    const keyPath = readKeyPath(key)
    if (keyPath === null || keys.some((other) => readKeyPath(other)?.join() !== keyPath.join()))
      faults.push(
        fault(
          'SUBJECT_KEY_INVALID',
          type.name,
          'its @dataSubject key must be one field set with exactly one leaf',
        ),
      )
    else subjects.set(type.name, { type: type.name, key, keyPath })
  }
  return subjects
}

/** The object types that composite subject keys lead through. */
export const waysToKeys = (
  { types }: Supergraph,
  subjects: ReadonlyMap<string, DataSubject>,
): ReadonlyMap<string, readonly OnTheWay[]> =>
  typesOnTheWay(
    [...subjects].map(([type, { keyPath }]) => [type, keyPath] as const),
    {
      reached: (type, field) => types.get(types.get(type)?.fields.get(field)?.named ?? '')?.possible ?? [],
      interfacesOf: (type) => types.get(type)?.interfaces ?? [],
    },
  )

const readKeyPath = (key: string): readonly string[] | null => {
  try {
    return singleLeafPath(key)
  } catch {
    return null
  }
}
