import { codedError } from '../../coded-error.ts'
import type { PolicyPlace } from './cell-at.ts'
import type { RawSignals } from './signals/read-signals.ts'

/** What is known of who is asked about, and where: everything a bundle can make a difference by. */
export interface PolicyContext extends PolicyPlace, RawSignals {
  readonly age?: number | null
  readonly language?: string | null
}

/** Reads a context as it came from outside. What is there and cannot be read is refused: it could have been a no. */
export function readPolicyContext(input: unknown): PolicyContext {
  const given = new Map<string, unknown>(Object.entries(Object(input) as object))
  const text = (name: string): string | null => {
    const value = given.get(name) ?? null
    if (value !== null && typeof value !== 'string') throw codedError('INVALID_CONTEXT', name)
    return value
  }
  const age = given.get('age') ?? null
  if (age !== null && !(typeof age === 'number' && age >= 0 && age < 200))
    throw codedError('INVALID_CONTEXT', 'age')
  return {
    region: text('region'),
    brand: text('brand'),
    language: text('language'),
    gpc: text('gpc'),
    tcf: text('tcf'),
    gpp: text('gpp'),
    age,
    consentMode: readMode(given.get('consentMode') ?? null),
  }
}

/** `[{ type, value }]`; the same type twice would leave open which of them counts. */
function readMode(value: unknown): ReadonlyMap<string, string> | null {
  if (value === null) return null
  const entries: unknown[] = Array.isArray(value) ? value : [null]
  const mode = new Map<string, string>()
  for (const entry of entries) {
    const { type, value: said } = Object(entry) as { type?: unknown; value?: unknown }
    if (typeof type !== 'string' || typeof said !== 'string' || mode.has(type))
      throw codedError('CONSENT_MODE_INVALID', 'consentMode')
    mode.set(type, said)
  }
  return mode
}
