import { STANDARD_TERMS } from './identity/reidentification/asking.ts'
import { createCedarAuthority, defaultPolicies } from './identity/reidentification/cedar-authority.ts'
import { openReidentification, type Reidentification } from './identity/reidentification/reidentification.ts'
import { type StaffMember, staffRegister } from './identity/reidentification/staff.ts'
import type { Log } from './log.ts'
import type { OpenStores } from './open-stores.ts'

/** Who may take part in learning who stands behind a pid, and how. */
export interface ReidentificationSettings {
  readonly staff: readonly StaffMember[]
  /** Text in Cedar; null: that which comes with the service. */
  readonly policies: string | null
}

/** Nobody is set: there is no way back. Throws `REIDENTIFICATION_POLICY_INVALID`, `REIDENTIFICATION_STAFF_INVALID`. */
export async function openDesk(
  { identity, vault, reidentifications, keys }: OpenStores,
  settings: ReidentificationSettings | undefined,
  log?: Log,
): Promise<Reidentification | null> {
  if (settings === undefined) return null
  const recordsOf = async (pids: readonly string[]): Promise<readonly string[]> =>
    [...(await identity.records(pids)).values()].flat().map(({ recordId }) => recordId)
  return openReidentification({
    store: reidentifications,
    vault,
    ring: keys,
    authority: await createCedarAuthority(settings.policies ?? defaultPolicies()),
    staff: staffRegister(settings.staff),
    people: {
      recordsOf: (pid) => recordsOf([pid]),
      // Two pids of one person have the same records, whatever they are called today.
      peopleBehind: async (names) => new Set(await recordsOf(names.filter(isPid))),
    },
    terms: STANDARD_TERMS,
    clock: Date.now,
    ...(log && { log }),
  })
}

const isPid = (name: string): boolean => /^[\w-]{1,128}$/.test(name)
