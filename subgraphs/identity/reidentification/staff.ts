import { CodedFailure } from '../../coded-failure.ts'

/** Somebody who works here: one person, whatever they are called in tokens. */
export interface StaffMember {
  readonly person: string
  /** The subjects of tokens that are this person's. */
  readonly names: readonly string[]
  readonly roles: readonly string[]
}

export interface StaffRegister {
  /** Who is behind a name of a token; null: nobody we know, who may do nothing. */
  byName(name: string): StaffMember | null
  byPerson(person: string): StaffMember | null
}

/** Throws `REIDENTIFICATION_STAFF_INVALID` with every fault. Spellings of a name that read the same are the same name (UTS #39, in short). */
export function staffRegister(staff: readonly StaffMember[]): StaffRegister {
  const byName = new Map<string, StaffMember>()
  const faults: string[] = []
  for (const member of staff) {
    if (staff.some((other) => other !== member && other.person === member.person))
      faults.push(`${member.person} is listed twice`)
    for (const name of member.names.map(folded)) {
      const other = byName.get(name)
      if (other !== undefined && other !== member)
        faults.push(`${member.person} and ${other.person} share a name`)
      byName.set(name, member)
    }
  }
  if (faults.length > 0)
    throw new CodedFailure('REIDENTIFICATION_STAFF_INVALID', [...new Set(faults)].join('; '))
  const byPerson = new Map(staff.map((member) => [member.person, member]))
  return {
    byName: (name) => byName.get(folded(name)) ?? null,
    byPerson: (person) => byPerson.get(person) ?? null,
  }
}

const folded = (name: string): string => name.normalize('NFKC').toLowerCase().trim()
