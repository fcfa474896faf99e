import { GVL, type PurposeRestriction, type TCModel, TCString, type Vector } from '@iabtechlabtcf/core'
import { codedError } from '../../../coded-error.ts'
import { readTcBits, type TcFacts } from './tc-bits.ts'

/** A string with all vendors as bits and some hundred restrictions has about 4,000 characters. */
export const MOST_TC_LENGTH = 8_192

/** What a TCF string says, of a string without the least doubt. */
export interface TcString extends TcFacts {
  readonly vendorsDisclosed: ReadonlySet<number>
}

/**
 * Reads a TCF 2.3 string. Two readers that share no code must agree on all of it, and what the library writes of its own
 * model must read the same again: its decoder has widened ranges (iabtcf-es #112, #113) and its encoder has dropped
 * restrictions (#452) and high vendors (#495). Throws `TC_STRING_INVALID`, `TC_STRING_TOO_LONG` or
 * `TC_STRING_WITHOUT_DISCLOSED_VENDORS`; there is no partial yes.
 */
export function readTcString(text: string, place: string): TcString {
  if (text.length > MOST_TC_LENGTH) throw codedError('TC_STRING_TOO_LONG', place)
  // First: it bounds what the library, which does not, would have to unfold.
  const facts = readTcBits(text)
  if (facts === null) throw codedError('TC_STRING_INVALID', place)
  // Required since TCF 2.3, for strings of every date: who was not shown a vendor has not consented to it.
  const { vendorsDisclosed } = facts
  if (vendorsDisclosed === null) throw codedError('TC_STRING_WITHOUT_DISCLOSED_VENDORS', place)
  const whole = { ...allowed(facts), vendorsDisclosed }
  if (!isReadAlike(text, whole)) throw codedError('TC_STRING_INVALID', place)
  return whole
}

/** Since TCF 2.2 purposes 1 and 3 to 6 never rest on legitimate interest: the library does not write these bits. */
const NEVER_BY_INTEREST: ReadonlySet<number> = new Set([1, 3, 4, 5, 6])

function allowed<F extends TcFacts>(facts: F): F {
  const purposeInterests = new Set([...facts.purposeInterests].filter((id) => !NEVER_BY_INTEREST.has(id)))
  return { ...facts, purposeInterests }
}

function isReadAlike(text: string, facts: TcString): boolean {
  try {
    const model = TCString.decode(text)
    if (textOf(allowed(factsOf(model))) !== textOf(facts)) return false
    const again = readTcBits(writtenAgain(model, facts))
    return again !== null && textOf(again) === textOf(facts)
  } catch {
    return false
  }
}

function factsOf(model: TCModel): TcFacts {
  const restrictions = model.publisherRestrictions
  return {
    policyVersion: Number(model.policyVersion),
    isServiceSpecific: model.isServiceSpecific,
    specialFeatures: idsOf(model.specialFeatureOptins),
    purposeConsents: idsOf(model.purposeConsents),
    purposeInterests: idsOf(model.purposeLegitimateInterests),
    vendorConsents: idsOf(model.vendorConsents),
    vendorInterests: idsOf(model.vendorLegitimateInterests),
    restrictions: new Map(
      restrictions
        .getRestrictions()
        .map((restriction: PurposeRestriction) => [
          restriction.hash,
          new Set(restrictions.getVendors(restriction)),
        ]),
    ),
    vendorsDisclosed: idsOf(model.vendorsDisclosed),
  }
}

function idsOf(vector: Vector): ReadonlySet<number> {
  return new Set(vector.values())
}

/** Restrictions about nobody are none: the library does not keep them. */
function textOf(facts: TcFacts): string {
  const restrictions = [...facts.restrictions].filter(([, vendors]) => vendors.size > 0)
  return JSON.stringify([
    facts.policyVersion,
    facts.isServiceSpecific,
    sorted(facts.specialFeatures),
    sorted(facts.purposeConsents),
    sorted(facts.purposeInterests),
    sorted(facts.vendorConsents),
    sorted(facts.vendorInterests),
    sorted(facts.vendorsDisclosed ?? new Set()),
    restrictions.map(([key, vendors]) => `${key}: ${sorted(vendors).join()}`).toSorted(),
  ])
}

function sorted(ids: ReadonlySet<number>): readonly number[] {
  return [...ids].toSorted((a, b) => a - b)
}

/** The encoder leaves out what its vendor list does not know, so it gets one in which every vendor may do everything. */
function writtenAgain(model: TCModel, facts: TcString): string {
  const { vendorConsents, vendorInterests, vendorsDisclosed, restrictions } = facts
  const ids = new Set([...vendorConsents, ...vendorInterests, ...vendorsDisclosed])
  for (const vendors of restrictions.values()) for (const id of vendors) ids.add(id)
  const numbers = Array.from({ length: 24 }, (_, index) => index + 1)
  const named = Object.fromEntries(numbers.map((id) => [id, { id }]))
  const gvl = new GVL({
    gvlSpecificationVersion: 3,
    vendorListVersion: Number(model.vendorListVersion),
    tcfPolicyVersion: facts.policyVersion,
    lastUpdated: new Date(0).toISOString(),
    purposes: named,
    specialPurposes: named,
    features: {},
    specialFeatures: {},
    stacks: {},
    vendors: Object.fromEntries(
      [...ids].map((id) => [
        id,
        {
          id,
          purposes: numbers,
          legIntPurposes: numbers,
          flexiblePurposes: numbers,
          specialPurposes: [1],
          features: [],
          specialFeatures: [],
        },
      ]),
    ),
  } as never)
  model.gvl = gvl
  return TCString.encode(model)
}
