import type { FeatureEvent } from '../materialise/event-source.ts'
import { inBytes } from './admit-rows.ts'
import type { GrantedThen } from './training-ports.ts'
import type { UsedReceipt } from './training-set.ts'

/** Takes down what rows rest on. */
export interface Use {
  /** That something was computed under this yes. */
  computed(pid: string, scope: string, yes: GrantedThen): void
  /** That it was computed from this event, for features of this scope. */
  event(scope: string, event: FeatureEvent): void
  /** In the order of person, scope and receipt. */
  receipts(): readonly UsedReceipt[]
}

export function createUse(): Use {
  const used = new Map<string, Omit<UsedReceipt, 'positions'> & { readonly positions: Set<string> }>()
  const under = (about: Omit<UsedReceipt, 'positions'>): Set<string> => {
    const key = JSON.stringify([about.pid, about.scope, about.receipt])
    const known = used.get(key) ?? { ...about, positions: new Set<string>() }
    used.set(key, known)
    return known.positions
  }
  return {
    computed: (pid, scope, { receipt, revision }) => void under({ pid, scope, receipt, revision }),
    event(scope, { pid, position, consentId, consentRevision }) {
      const rests = consentId === null ? null : scope
      under({ pid, scope: rests, receipt: consentId, revision: consentRevision }).add(position)
    },
    receipts: () =>
      [...used]
        .toSorted(([a], [b]) => inBytes(a, b))
        .map(([, { positions, ...about }]) => ({ ...about, positions: [...positions].toSorted(inOrder) })),
  }
}

const inOrder = (a: string, b: string): number => (BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b)))
