import type { ProtectionMap } from '../../schema/protection.ts'
import type { Candidate } from '../fence/admission.ts'
import type { Admitted, Fence } from '../fence/fence.ts'
import type { Ledger } from '../fence/ledger.ts'
import type { OperationCost } from '../limits/operation-cost.ts'
import { type ExplainedNode, explainPlan, lookupNames } from '../plan/explain-plan.ts'
import type { Lookup, QueryPlan } from '../plan/query-plan.ts'
import type { RequestWatch } from './request-watch.ts'

/** What the fence did at one lookup: counts, never whose. */
export interface FencedLookup {
  readonly lookup: string
  readonly subgraph: string
  readonly objects: number
  readonly people: number
  /** Groups of objects that were asked for alike. */
  readonly partitions: number
  /** Objects that were given the default for nobody in particular. */
  readonly anonymous: number
  readonly granted: readonly { readonly coordinate: string; readonly count: number }[]
  readonly denied: readonly {
    readonly coordinate: string
    /** Told when the contract discloses it. */
    readonly reason?: string
    readonly count: number
  }[]
}

export interface ExplainedRequest {
  /** What the operation costs, and may cost. */
  readonly cost: OperationCost | null
  readonly plan: ExplainedNode | null
  readonly fence: readonly FencedLookup[]
}

export interface ExplainingWatch extends RequestWatch {
  /** What the fence did is told once: of a stream, what it did since it was asked last. */
  explained(): ExplainedRequest
}

export interface WatchExplainedOptions {
  readonly protection: ProtectionMap
  readonly tellsReasons: boolean
  /** Whoever else watches the same request. */
  readonly also: RequestWatch | undefined
}

/** Keeps what a request that asks for it is told of its plan and of the fence. */
export const watchExplained = ({
  protection,
  tellsReasons,
  also,
}: WatchExplainedOptions): ExplainingWatch => {
  let plan: QueryPlan = { root: null }
  let cost: OperationCost | null = null
  const fenced: FencedLookup[] = []
  return {
    costed(told) {
      cost = told
      also?.costed?.(told)
    },
    phase: (name) => also?.phase(name),
    planned(made) {
      plan = made
      also?.planned(made)
    },
    ports: (ports, isStream) => also?.ports(ports, isStream) ?? ports,
    fence(fence, ledger) {
      const tell = (lookup: FencedLookup) => void fenced.push(lookup)
      return tellingFence(also?.fence(fence, ledger) ?? fence, { ledger, tellsReasons, plan, tell })
    },
    withheld: (lines) => also?.withheld(lines),
    explained: () => ({ cost, plan: explainPlan(plan, protection), fence: inOrder(fenced.splice(0)) }),
  }
}

const inOrder = (fenced: readonly FencedLookup[]): FencedLookup[] =>
  fenced.toSorted((a, b) => Number(a.lookup.slice(1)) - Number(b.lookup.slice(1)))

interface Telling {
  readonly ledger: Ledger
  readonly tellsReasons: boolean
  readonly plan: QueryPlan
  readonly tell: (lookup: FencedLookup) => void
}

const tellingFence = (fence: Fence, { ledger, tellsReasons, plan, tell }: Telling): Fence => {
  const names = lookupNames(plan)
  return {
    async admit(subgraph, lookup, items) {
      const admitted = await fence.admit(subgraph, lookup, items)
      const name = names.get(lookup) ?? ''
      tell({
        lookup: name,
        subgraph,
        ...countsOf(items, admitted),
        ...decisionsOf({ lookup, items, ledger, tellsReasons }),
      })
      return admitted
    },
    forget: () => fence.forget(),
    version: () => fence.version(),
    holds: (version) => fence.holds(version),
    isSettled: () => fence.isSettled(),
    settle: () => fence.settle(),
  }
}

const countsOf = (items: readonly Candidate[], admitted: readonly Admitted<Candidate>[]) => {
  const own = admitted.filter(({ anonymousKey }) => anonymousKey === null)
  const anonymous = admitted.filter(({ anonymousKey }) => anonymousKey !== null)
  return {
    objects: items.length,
    people: new Set(items.flatMap(({ subject }) => subject ?? [])).size,
    partitions: own.length,
    anonymous: anonymous.reduce((sum, { items: replaced }) => sum + replaced.length, 0),
  }
}

interface Decided extends Pick<Telling, 'ledger' | 'tellsReasons'> {
  readonly lookup: Lookup
  readonly items: readonly Candidate[]
}

const decisionsOf = (decided: Decided): Pick<FencedLookup, 'granted' | 'denied'> => {
  const granted = new Map<string, number>()
  const denied = new Map<string, number>()
  for (const [coordinate, reason] of outcomesOf(decided))
    if (reason === null) countUp(granted, coordinate)
    else countUp(denied, `${coordinate} ${reason}`)
  return {
    granted: [...granted].map(([coordinate, count]) => ({ coordinate, count })),
    denied: [...denied].map(([key, count]) => {
      const [coordinate = '', reason = ''] = key.split(' ')
      return { coordinate, ...(reason === '' ? {} : { reason }), count }
    }),
  }
}

/** Each coordinate of each object; null stands for granted. */
const outcomesOf = ({ lookup, items, ledger, tellsReasons }: Decided): [string, string | null][] =>
  items.flatMap(({ object, type }) =>
    (lookup.guards.get(type ?? '')?.coordinates ?? []).flatMap((coordinate): [string, string | null][] => {
      const decision = ledger.decisionsOn(object)?.get(coordinate)
      if (decision === undefined) return []
      if (decision.kind === 'granted') return [[coordinate, null]]
      return [[coordinate, tellsReasons ? decision.reason : '']]
    }),
  )

const countUp = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1)
