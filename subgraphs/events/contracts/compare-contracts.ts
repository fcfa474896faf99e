import { compareFields } from './compare-fields.ts'
import { compareTerms } from './compare-terms.ts'
import type { EventContract } from './contract.ts'
import {
  type ChangeSeverity,
  CONTRACT_CHANGES,
  type ContractChange,
  type PlacedChange,
} from './contract-change.ts'

/**
 * What a change of contracts breaks, for whom, and what it weakens. `today` (`2026-11-22`) tells which ends have
 * passed; without it none has. The worst first; the same contracts in any order give the same list.
 */
export function compareContracts(
  base: readonly EventContract[],
  head: readonly EventContract[],
  today: string | null = null,
): readonly ContractChange[] {
  const before = new Map(base.map((contract) => [nameOf(contract), contract]))
  const after = new Map(head.map((contract) => [nameOf(contract), contract]))
  const gone = base.filter((contract) => !after.has(nameOf(contract)))
  const come = head.filter((contract) => !before.has(nameOf(contract)))
  const stayed = base.flatMap((contract) => {
    const other = after.get(nameOf(contract))
    return other === undefined ? [] : changesBetween(contract, other, today)
  })
  const changes = [
    ...gone.map((contract) => goneChange(contract, today)),
    ...come.flatMap((contract) => comeChanges(contract, base, today)),
    ...stayed,
  ]
  return changes.toSorted(inOrder)
}

const nameOf = ({ type, version }: EventContract): string => `${type}@${version}`

const changesBetween = (base: EventContract, head: EventContract, today: string | null): ContractChange[] =>
  [...compareTerms(base, head, today), ...compareFields(base, head)].map((change) => told(change, base, head))

/** An end that was told has to have passed, by what was promised and not by what is promised now. */
function goneChange(contract: EventContract, today: string | null): ContractChange {
  const { until } = contract.deprecation
  const code = until !== null && today !== null && until <= today ? 'VERSION_ENDED' : 'VERSION_REMOVED'
  return told({ code, path: '' }, contract, contract)
}

/** A new version breaks nobody, since the older one stays; but what people were told holds for the type. */
function comeChanges(
  head: EventContract,
  base: readonly EventContract[],
  today: string | null,
): ContractChange[] {
  const older = base
    .filter(({ type, version }) => type === head.type && version < head.version)
    .toSorted((a, b) => b.version - a.version)[0]
  if (older === undefined) return [told({ code: 'TYPE_ADDED', path: '' }, head, head)]
  const weakened = changesBetween(older, head, today).filter(({ severity }) => severity === 'weakens_privacy')
  return [
    told({ code: 'VERSION_ADDED', path: '' }, older, head),
    ...weakened.map((change) => ({ ...change, version: head.version })),
  ]
}

function told(
  { code, path, before, after }: PlacedChange,
  base: EventContract,
  head: EventContract,
): ContractChange {
  const { severity, sentence, remedy } = CONTRACT_CHANGES[code]
  return Object.freeze({
    severity,
    code,
    type: head.type,
    version: head.version,
    path,
    message: sentence,
    remedy,
    consumers: consumersOf(code, base, head),
    before: before ?? null,
    after: after ?? null,
  })
}

function consumersOf(
  code: PlacedChange['code'],
  base: EventContract,
  head: EventContract,
): readonly string[] {
  if (code === 'CONSUMER_ADDED') return head.consumers.filter((name) => !base.consumers.includes(name))
  if (code === 'CONSUMER_REMOVED') return base.consumers.filter((name) => !head.consumers.includes(name))
  return CONTRACT_CHANGES[code].severity === 'weakens_privacy' ? head.consumers : base.consumers
}

const RANKS: Readonly<Record<ChangeSeverity, number>> = { breaking: 0, weakens_privacy: 1, safe: 2 }

function inOrder(one: ContractChange, other: ContractChange): number {
  const rank = RANKS[one.severity] - RANKS[other.severity]
  if (rank !== 0) return rank
  if (one.type !== other.type) return one.type < other.type ? -1 : 1
  if (one.version !== other.version) return one.version - other.version
  return textOf(one) < textOf(other) ? -1 : 1
}

const textOf = ({ path, code, before, after }: ContractChange): string =>
  JSON.stringify([path, code, before, after])
