import { addDuration } from './contracts/iso-duration.ts'
import type { CheckedContract, Contracts } from './contracts/contracts.ts'

/** What the flow asks of the contracts of event types. */
export interface ContractBook {
  /** Without a version: the newest. `now` in milliseconds since the epoch. */
  find(type: string, version: number | null, now: number): FlowContract | NoContract
}

export type NoContract = 'unknown_type' | 'unknown_version' | 'retired_version'

export interface FlowContract {
  readonly type: string
  readonly version: number
  readonly basis: 'consent' | 'contract'
  /** Null only where the basis is a contract with the person. */
  readonly scope: string | null
  /** It is still taken, and will not be for ever. */
  readonly isDeprecated: boolean
  /** When the retention of an event ends. Milliseconds since the epoch. */
  endOf(occurredAt: number): number
  /** The first place where data do not fit (`data.items[3].sku`); null where they do. Never a value. */
  fault(data: unknown): string | null
}

export function contractBookOf(contracts: Contracts): ContractBook {
  return {
    find(type, version, now) {
      const [newest] = contracts.versionsOf(type)
      if (newest === undefined) return 'unknown_type'
      const found = version === null ? newest : contracts.contractOf(type, version)
      if (found === null) return 'unknown_version'
      const state = found.stateAt(now)
      return state === 'retired' ? 'retired_version' : flowContract(found, state === 'deprecated')
    },
  }
}

function flowContract({ contract, check }: CheckedContract, isDeprecated: boolean): FlowContract {
  const { type, version, basis, scope, retention } = contract
  return {
    type,
    version,
    basis,
    scope,
    isDeprecated,
    endOf: (occurredAt) => addDuration(occurredAt, retention),
    fault: (data) => check(data)[0]?.path ?? null,
  }
}
