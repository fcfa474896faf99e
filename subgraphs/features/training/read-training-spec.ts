import { codedError } from '../../coded-error.ts'
import { type Path, readYaml } from '../../yaml-source.ts'
import { INSTANT, readEntities } from './read-entities.ts'
import { CONSENT_RULES, type ConsentRule, type TrainingSpec, type WantedFeature } from './training-spec.ts'

/** Reads what a training set is made of; `textOf` gives the file with people and times. Throws with the line and place. */
export function readTrainingSpec(text: string, textOf: (file: string) => string): TrainingSpec {
  const source = readYaml(text)
  const [broken] = source.broken
  if (broken !== undefined) throw codedError('TRAINING_SPEC_INVALID', `line ${broken.line}`)
  const wrong = (path: Path): Error =>
    codedError('TRAINING_SPEC_INVALID', `line ${source.lineOf(path)}, ${path.join('.') || 'mapping'}`)
  if (!(source.value instanceof Map)) throw wrong([])
  const given = source.value as ReadonlyMap<unknown, unknown>
  for (const key of given.keys()) if (!KEYS.includes(String(key))) throw wrong([String(key)])
  const word = (name: string, pattern: RegExp): string => {
    const value = given.get(name)
    if (typeof value !== 'string' || !pattern.test(value)) throw wrong([name])
    return value
  }
  const consent = given.get('consent') ?? 'then-and-now'
  if (!CONSENT_RULES.includes(consent as ConsentRule)) throw wrong(['consent'])
  const features = featuresIn(given.get('features'))
  const entities = entitiesIn(given.get('entities'), textOf)
  if (features === null) throw wrong(['features'])
  if (entities === null) throw wrong(['entities'])
  return {
    name: word('name', /^[a-z][a-z0-9_-]{0,63}$/),
    purpose: word('purpose', /^[a-z][a-z0-9_]{0,63}$/),
    consent: consent as ConsentRule,
    features,
    entities,
  }
}

const KEYS = ['name', 'purpose', 'consent', 'features', 'entities']

/** `[sessions_30d]`, or `{ sessions_30d: version }` where it has to be that very one. */
function featuresIn(given: unknown): readonly WantedFeature[] | null {
  const wanted: readonly (readonly [unknown, unknown])[] = Array.isArray(given)
    ? given.map((name: unknown) => [name, null] as const)
    : given instanceof Map
      ? [...(given as ReadonlyMap<unknown, unknown>)]
      : []
  const isRead = ([name, version]: readonly [unknown, unknown]): boolean =>
    typeof name === 'string' && (version === null || typeof version === 'string')
  if (wanted.length === 0 || !wanted.every(isRead)) return null
  if (new Set(wanted.map(([name]) => name)).size < wanted.length) return null
  return wanted.map(([name, version]) => ({ name: name as string, version: version as string | null }))
}

/** A file with people and times, or `{ everybody: [times] }`. */
function entitiesIn(given: unknown, textOf: (file: string) => string): TrainingSpec['entities'] | null {
  if (typeof given === 'string') return { kind: 'listed', rows: readEntities(textOf(given)) }
  const times: unknown = given instanceof Map && given.size === 1 ? given.get('everybody') : null
  if (!Array.isArray(times) || times.length === 0) return null
  const at = times.map((time: unknown) =>
    typeof time === 'string' && INSTANT.test(time) ? Date.parse(time) : Number.NaN,
  )
  return at.some(Number.isNaN) ? null : { kind: 'everybody', at }
}
