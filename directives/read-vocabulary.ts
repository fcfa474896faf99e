import {
  type ConsentScope,
  type PurposeTerm,
  type ScopeTerm,
  standardVocabulary,
  type Vocabulary,
} from './vocabulary.ts'

/**
 * A project's own vocabulary extends the standard one and never redefines it: a word that other graphs know must not
 * mean something else here. Shape, as read from YAML:
 * `{ version, scopes: { name: { sentence, dpv, fides, sensitive? } }, purposes: { name: { sentence, dpv, fides, scopes: [name] } } }`.
 * Throws `VocabularyError` with every fault, not only the first.
 */
export const readVocabulary = (source: unknown): Vocabulary => {
  const faults: string[] = []
  const root = readRecord(source, 'vocabulary', faults)
  refuseUnknown(root, ['version', 'scopes', 'purposes'], 'vocabulary', faults)
  const version = root.get('version')
  if (typeof version !== 'string' || version.trim() === '')
    faults.push('vocabulary.version must be a text, for example "1.0-shop.3"')
  const scopes = new Map(standardVocabulary.scopes)
  for (const [name, value] of readRecord(root.get('scopes') ?? {}, 'scopes', faults))
    addScope(scopes, name, value, faults)
  const purposes = new Map(standardVocabulary.purposes)
  for (const [name, value] of readRecord(root.get('purposes') ?? {}, 'purposes', faults))
    addPurpose({ purposes, scopes }, name, value, faults)
  if (faults.length > 0) throw new VocabularyError(faults)
  return Object.freeze({ version: String(version), scopes, purposes })
}

export class VocabularyError extends Error {
  override readonly name = 'VocabularyError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/

const addScope = (
  scopes: Map<string, ConsentScope>,
  name: string,
  value: unknown,
  faults: string[],
): void => {
  const place = `scopes.${name}`
  const entry = readRecord(value, place, faults)
  refuseUnknown(entry, ['sentence', 'dpv', 'fides', 'sensitive'], place, faults)
  if (standardVocabulary.scopes.has(name)) faults.push(`${place} is a standard scope and cannot be redefined`)
  const isSensitive = entry.get('sensitive') ?? false
  if (typeof isSensitive !== 'boolean') faults.push(`${place}.sensitive must be true or false`)
  const term = readTerm(entry, name, place, faults)
  scopes.set(name, isSensitive === true ? Object.freeze({ ...term, isSensitive }) : term)
}

const addPurpose = (
  { purposes, scopes }: { purposes: Map<string, PurposeTerm>; scopes: ReadonlyMap<string, ConsentScope> },
  name: string,
  value: unknown,
  faults: string[],
): void => {
  const place = `purposes.${name}`
  const entry = readRecord(value, place, faults)
  refuseUnknown(entry, ['sentence', 'dpv', 'fides', 'scopes'], place, faults)
  if (standardVocabulary.purposes.has(name))
    faults.push(`${place} is a standard purpose and cannot be redefined`)
  const listed = entry.get('scopes')
  const names = Array.isArray(listed) ? listed : []
  if (names.length === 0) faults.push(`${place}.scopes must list at least one scope`)
  for (const scope of names)
    if (typeof scope !== 'string' || !scopes.has(scope))
      faults.push(`${place}.scopes names ${JSON.stringify(scope)}, which is no scope`)
  const granted = new Set(names.filter((scope): scope is string => typeof scope === 'string'))
  purposes.set(name, Object.freeze({ ...readTerm(entry, name, place, faults), scopes: granted }))
}

const readTerm = (
  entry: ReadonlyMap<string, unknown>,
  name: string,
  place: string,
  faults: string[],
): ScopeTerm => {
  if (!NAME.test(name)) faults.push(`${place}: a name is lower case letters, digits and _, at most 64`)
  const text = (key: string, pattern: RegExp, shape: string): string => {
    const value = entry.get(key)
    if (typeof value === 'string' && pattern.test(value)) return value
    faults.push(`${place}.${key} must be ${shape}`)
    return ''
  }
  return Object.freeze({
    name,
    sentence: text('sentence', /\S/, 'a sentence'),
    dpv: text('dpv', /^dpv(-[a-z]+)*:[A-Za-z]+$/, 'a DPV term, for example dpv:DirectMarketing'),
    fides: text('fides', /^[a-z_]+(\.[a-z_]+)*$/, 'a fideslang data use, for example personalize.content'),
  })
}

const readRecord = (value: unknown, place: string, faults: string[]): Map<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return new Map(Object.entries(value))
  faults.push(`${place} must be a mapping`)
  return new Map()
}

const refuseUnknown = (
  entry: ReadonlyMap<string, unknown>,
  known: readonly string[],
  place: string,
  faults: string[],
): void => {
  for (const key of entry.keys())
    if (!known.includes(key)) faults.push(`${place}.${key} is not a setting; known are ${known.join(', ')}`)
}
