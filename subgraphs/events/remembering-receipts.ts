import type { Basis, ConsentReceipts } from './consent-receipts.ts'

/** What receipts say never changes, so it is asked once; who is one person with whom does, and is asked each time. */
export function rememberingReceipts(receipts: ConsentReceipts, most: number): ConsentReceipts {
  const known = new Map<string, Basis>()
  return {
    async basis(consentIds) {
      const found = new Map<string, Basis | null>()
      const unknown: string[] = []
      for (const id of consentIds) {
        const basis = known.get(id)
        if (basis === undefined) unknown.push(id)
        else found.set(id, basis)
      }
      if (unknown.length === 0) return found
      const asked = await receipts.basis(unknown)
      // One that does not exist yet, or is not understood, may be the next time.
      for (const [id, basis] of asked) {
        found.set(id, basis)
        if (basis === null) continue
        if (known.size >= most) known.delete(known.keys().next().value ?? '')
        known.set(id, basis)
      }
      return found
    },
    samePeople: (subjects) => receipts.samePeople(subjects),
  }
}
