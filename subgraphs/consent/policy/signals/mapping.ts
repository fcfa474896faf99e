import { readMap, refuseUnknown, type TellFault } from '../layer.ts'
import type { Path } from '../../../yaml-source.ts'

/** Which signal speaks about which scope, by scope. */
export interface SignalMapping {
  /** Scopes that Global Privacy Control refuses. */
  readonly gpc: readonly string[]
  /** A scope is consented to when all of these are. */
  readonly tcf: ReadonlyMap<string, TcfNeeds>
  /** Opt-out fields of GPP sections; one that is set refuses the scope. */
  readonly gpp: ReadonlyMap<string, readonly string[]>
  /** Types of Google consent mode; a scope is consented to when all are granted. */
  readonly gcm: ReadonlyMap<string, readonly string[]>
}

export interface TcfNeeds {
  readonly purposes: readonly number[]
  readonly specialFeatures: readonly number[]
  readonly vendors: readonly number[]
}

/** Google consent mode v2. */
export const CONSENT_MODE_TYPES = [
  'ad_storage',
  'analytics_storage',
  'ad_user_data',
  'ad_personalization',
] as const

/** Fields of the US sections of GPP that are an opt-out when they are 1, and `Gpc`, which is one when it is true. */
export const GPP_FIELDS = ['SaleOptOut', 'SharingOptOut', 'TargetedAdvertisingOptOut', 'Gpc'] as const

export function readSignalMapping(
  value: unknown,
  scopes: ReadonlySet<string>,
  tell: TellFault,
): SignalMapping {
  const root = readMap(value, ['signals'], tell)
  refuseUnknown(root, ['gpc', 'tcf', 'gpp', 'gcm'], { path: ['signals'], tell })
  const byScope = <T>(kind: string, read: (item: unknown, path: Path) => T): ReadonlyMap<string, T> => {
    const entries = readMap(root.get(kind) ?? new Map(), ['signals', kind], tell)
    for (const scope of entries.keys())
      if (!scopes.has(scope))
        tell('POLICY_SCOPE_UNKNOWN', ['signals', kind, scope], 'Use a scope of the vocabulary.')
    return new Map([...entries].map(([scope, item]) => [scope, read(item, ['signals', kind, scope])]))
  }
  const names =
    (known: readonly string[]) =>
    (item: unknown, path: Path): readonly string[] =>
      readNames(item, path, { known, tell })
  return {
    gpc: readNames(root.get('gpc') ?? [], ['signals', 'gpc'], { known: [...scopes], tell }),
    tcf: byScope('tcf', (item, path) => readNeeds(item, path, tell)),
    gpp: byScope('gpp', names(GPP_FIELDS)),
    gcm: byScope('gcm', names(CONSENT_MODE_TYPES)),
  }
}

function readNames(
  value: unknown,
  path: Path,
  { known, tell }: { known: readonly string[]; tell: TellFault },
): readonly string[] {
  if (Array.isArray(value) && value.every((item) => known.includes(String(item)))) return value.map(String)
  tell('POLICY_SIGNAL_INVALID', path, `Write a list of ${known.join(', ')}.`)
  return []
}

const NUMBERS = { purposes: 24, specialFeatures: 12, vendors: 65_535 } as const

/** A scope that needs nothing would be consented to by every string. */
function readNeeds(value: unknown, path: Path, tell: TellFault): TcfNeeds {
  const entries = readMap(value, path, tell)
  refuseUnknown(entries, Object.keys(NUMBERS), { path, tell })
  const list = (name: keyof typeof NUMBERS): readonly number[] => {
    const numbers: unknown = entries.get(name) ?? []
    if (Array.isArray(numbers) && numbers.every((id) => isNumberOf(id, NUMBERS[name]))) return numbers
    tell(
      'POLICY_SIGNAL_INVALID',
      [...path, name],
      `Write a list of whole numbers from 1 to ${NUMBERS[name]}.`,
    )
    return []
  }
  const needs = {
    purposes: list('purposes'),
    specialFeatures: list('specialFeatures'),
    vendors: list('vendors'),
  }
  if (Object.values(needs).every((numbers) => numbers.length === 0))
    tell('POLICY_SIGNAL_INVALID', path, 'Name at least one purpose, special feature or vendor.')
  return needs
}

function isNumberOf(id: unknown, most: number): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= most
}
