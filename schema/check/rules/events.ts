import { compareContracts } from '../../../subgraphs/events/contracts/compare-contracts.ts'
import type { EventContract } from '../../../subgraphs/events/contracts/contract.ts'
import type { ContractChange } from '../../../subgraphs/events/contracts/contract-change.ts'
import type { Check } from '../check-context.ts'
import { eventsOf, type ReadEvents } from '../events-of.ts'
import type { FindingCode } from '../finding-catalogue.ts'
import type { Told } from '../tell.ts'

/** What was agreed on about events, by their own comparison; codes are those of `assent events check`. */
export const events: Check = ({ base, head, today }) => {
  const [before, after] = [eventsOf(base), eventsOf(head)]
  const faults = [...after.faults, ...(base.contracts === head.contracts ? [] : before.faults)]
  if (faults.length > 0) return faults
  return compareContracts(before.contracts, after.contracts, today).map((change) =>
    toldOf(change, before, after),
  )
}

const TIGHTENING = /TIGHTENED|SHORTENED|PURPOSE_REMOVED|CONSUMER_REMOVED|SCOPE_ADDED/

const rowOf = ({ severity, code }: ContractChange): FindingCode => {
  if (severity === 'weakens_privacy') return 'PURPOSE_ADDED'
  return severity === 'breaking' && !TIGHTENING.test(code) ? 'BREAKING_CHANGE' : 'SAFE_CHANGE'
}

const toldOf = (change: ContractChange, before: ReadEvents, after: ReadEvents): Told => {
  const { code, type, version, path, message, remedy } = change
  const name = `${type}@${version}`
  const place = (after.places.get(name) ?? before.places.get(name))?.at(path.split('.'))
  const owner = ownerOf(before.contracts, change) ?? ownerOf(after.contracts, change)
  const isTighter = TIGHTENING.test(code)
  return {
    code: `EVENT_${code}`,
    as: rowOf(change),
    coordinate: `event ${name} ${path}`.trim(),
    ...(place === undefined ? {} : { source: place }),
    ...(owner === undefined ? {} : { owner }),
    ...(isTighter ? { kind: 'privacy', direction: 'tightens' } : {}),
    message: `${message} Read by ${change.consumers.join(', ') || 'nobody'}.`,
    remedy,
    ...(change.before === null ? {} : { before: change.before }),
    ...(change.after === null ? {} : { after: change.after }),
  }
}

const ownerOf = (
  contracts: readonly EventContract[],
  { type, version }: ContractChange,
): string | undefined =>
  (
    contracts.find((one) => one.type === type && one.version === version) ??
    contracts.find((one) => one.type === type)
  )?.owner
