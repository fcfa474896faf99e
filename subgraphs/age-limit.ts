import type { PolicyBundle } from './consent/policy/bundle.ts'
import { decideDefault, type PolicyDenial } from './consent/policy/decide-default.ts'
import type { AgesThen, AgeThen } from './identity/ages-then.ts'

export interface AskedOfPolicy {
  readonly pid: string
  readonly scope: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** In the order asked: why the policy lets nobody use this person's data, whatever they said; null where it does. */
export type PolicyDenials = (asked: readonly AskedOfPolicy[]) => Promise<readonly (PolicyDenial | null)[]>

/**
 * Who is under the age limit of their region cannot agree (GDPR Art. 8(1)): the bundle decides it for what is made of many people as it
 * decides for one request, of what the house knows of their age and region. Somebody of unknown age is who the bundle says; of several
 * records the strictest holds. Without a bundle there is no limit, and no record is opened.
 */
export const policyDenialsBy =
  (bundle: PolicyBundle | null, agesThen: AgesThen): PolicyDenials =>
  async (asked) => {
    if (bundle === null) return asked.map(() => null)
    const denials: (PolicyDenial | null)[] = []
    for (let start = 0; start < asked.length; start += AT_ONCE) {
      const some = asked.slice(start, start + AT_ONCE)
      // oxlint-disable-next-line no-await-in-loop -- people by people: all their records at once would be too many
      const ages = await agesThen(some)
      for (const [place, { scope }] of some.entries())
        denials.push(denialOf(bundle, scope, ages[place] ?? []))
    }
    return denials
  }

const AT_ONCE = 500

function denialOf(bundle: PolicyBundle, scope: string, ages: readonly AgeThen[]): PolicyDenial | null {
  const known = ages.length === 0 ? [NOTHING_KNOWN] : ages
  if (known.some(({ age }) => age === 'unreadable')) return 'AGE_UNKNOWN'
  const years = known.flatMap(({ age }) => (typeof age === 'number' ? [age] : []))
  const age = years.length === 0 ? null : Math.min(...years)
  for (const region of new Set(known.map((one) => one.region))) {
    const decision = decideDefault(bundle, { scope, region, age }, 'given')
    if (!decision.holds) return decision.reason
  }
  return null
}

const NOTHING_KNOWN: AgeThen = { age: null, region: null }
