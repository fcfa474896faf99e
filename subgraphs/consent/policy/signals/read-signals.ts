import { codedError } from '../../../coded-error.ts'
import type { PolicyBundle } from '../bundle.ts'
import { CONSENT_MODE_TYPES, type TcfNeeds } from './mapping.ts'
import type { GppString } from './read-gpp-string.ts'
import type { TcString } from './read-tc-string.ts'
import type { SignalStatement } from './statement.ts'

/** Signals as they came with a request. What did not come is null or absent. */
export interface RawSignals {
  /** The value of `Sec-GPC`. */
  readonly gpc?: string | null
  readonly tcf?: string | null
  readonly gpp?: string | null
  /** Google consent mode v2: `granted` or `denied` by type. */
  readonly consentMode?: ReadonlyMap<string, string> | null
}

/**
 * What signals say about the scopes of a bundle, by its mapping. Throws a coded refusal for a signal that cannot be read
 * without doubt: a refusal in it could have been missed.
 */
export async function readSignals(
  { signals }: PolicyBundle,
  raw: RawSignals,
): Promise<readonly SignalStatement[]> {
  const gpp = raw.gpp == null ? null : await gppStringOf(raw.gpp)
  const tcf = [
    ...(raw.tcf == null ? [] : [await tcStringOf(raw.tcf)]),
    ...(gpp?.tcf == null ? [] : [gpp.tcf]),
  ]
  const mode = raw.consentMode == null ? null : checkedMode(raw.consentMode)
  return [
    ...(isGlobalPrivacyControl(raw.gpc) ? signals.gpc.map((scope) => statement('gpc', scope, 'no')) : []),
    ...tcf.flatMap((string) =>
      [...signals.tcf].map(([scope, needs]) => statement('tcf', scope, tcfSays(string, needs))),
    ),
    ...(gpp === null ? [] : [...signals.gpp].flatMap(([scope, fields]) => gppSays(scope, gpp, fields))),
    ...(mode === null ? [] : [...signals.gcm].flatMap(([scope, types]) => modeSays(scope, mode, types))),
  ]
}

/** The readers of IAB strings take long to load, and most requests come without one. */
async function tcStringOf(text: string): Promise<TcString> {
  const { readTcString } = await import('./read-tc-string.ts')
  return readTcString(text, 'tcf')
}

async function gppStringOf(text: string): Promise<GppString> {
  const { readGppString } = await import('./read-gpp-string.ts')
  return readGppString(text, 'gpp')
}

/** "A field-value that is exactly the numeric character 1" (W3C Global Privacy Control, 3.2). */
function isGlobalPrivacyControl(value: string | null | undefined): boolean {
  return value === '1'
}

function statement(kind: SignalStatement['kind'], scope: string, says: 'yes' | 'no'): SignalStatement {
  return { kind, scope, says }
}

/** All of it, or no. */
function tcfSays(string: TcString, { purposes, specialFeatures, vendors }: TcfNeeds): 'yes' | 'no' {
  const isConsented =
    purposes.every((id) => string.purposeConsents.has(id)) &&
    specialFeatures.every((id) => string.specialFeatures.has(id)) &&
    vendors.every((vendor) => isVendorConsented(string, vendor, purposes))
  return isConsented ? 'yes' : 'no'
}

/** A vendor has none that was not shown, or that the publisher forbids a purpose or moves to legitimate interest. */
function isVendorConsented(string: TcString, vendor: number, purposes: readonly number[]): boolean {
  const isRestricted = purposes.some((purpose) =>
    [`${purpose}-0`, `${purpose}-2`].some((key) => string.restrictions.get(key)?.has(vendor)),
  )
  return string.vendorConsents.has(vendor) && string.vendorsDisclosed.has(vendor) && !isRestricted
}

/** One opt-out in any section is a no; a yes takes a section that asked; else nothing was said. */
function gppSays(scope: string, { sections }: GppString, fields: readonly string[]): SignalStatement[] {
  const said = [...sections.values()].flatMap((section) =>
    [...section].filter(([field]) => fields.includes(field)).map(([, value]) => value),
  )
  if (said.includes('out')) return [statement('gpp', scope, 'no')]
  return said.includes('in') ? [statement('gpp', scope, 'yes')] : []
}

function checkedMode(mode: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  for (const [type, value] of mode)
    if (!CONSENT_MODE_TYPES.some((known) => known === type) || (value !== 'granted' && value !== 'denied'))
      throw codedError('CONSENT_MODE_INVALID', 'consentMode')
  return mode
}

/** One type that is denied is a no; a yes takes all of them; else nothing was said. */
function modeSays(
  scope: string,
  mode: ReadonlyMap<string, string>,
  types: readonly string[],
): SignalStatement[] {
  const said = types.map((type) => mode.get(type))
  if (said.includes('denied')) return [statement('gcm', scope, 'no')]
  return said.every((value) => value === 'granted') ? [statement('gcm', scope, 'yes')] : []
}
