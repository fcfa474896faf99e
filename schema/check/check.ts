import { standardVocabulary, type Vocabulary } from '../../directives/vocabulary.ts'
import { compose } from '../compose.ts'
import { type Approval, approve, refusedApprovals } from './approvals.ts'
import { contentHash, type Contracts } from './contracts.ts'
import type { Checked, Finding, Report } from './finding.ts'
import { judgeByUse, type Usage } from './impact.ts'
import { inOrder, sorted, type Told } from './tell.ts'
import type { Check, CheckContext } from './check-context.ts'
import { type Compose, readSide, type Side } from './side.ts'
import { specifiedChecks } from './specified-checks.ts'

export interface CheckOptions {
  /** As the two sides were named, for a reader. */
  readonly labels?: { readonly base: string; readonly head: string }
  readonly vocabulary?: Vocabulary
  /** The day by which announced ends have passed: `2026-11-22`. Without it none has. */
  readonly today?: string | null
  /** Everything that is missing in head, and not only what the change left out. */
  readonly all?: boolean
  /** Who answers for what nobody owns. */
  readonly owner?: string
  readonly approvals?: readonly Approval[]
  /** Milliseconds since the epoch: which approvals have run out. */
  readonly now?: number
  readonly compose?: Compose
  /** What was asked and decided: then what breaks is judged by use. */
  readonly usage?: Usage | null
}

/**
 * What a change of agreements does: whether it composes, whom it breaks, what it weakens, and who must allow that. Base
 * and head come as texts; nothing is read from a disk or a network, and nothing that is bad in them throws.
 */
export const check = async (
  base: Contracts,
  head: Contracts,
  options: CheckOptions = {},
): Promise<Report> => {
  const checked = {
    base: { label: options.labels?.base ?? 'base', hash: contentHash(base) },
    head: { label: options.labels?.head ?? 'head', hash: contentHash(head) },
  }
  const isSame = checked.base.hash === checked.head.hash
  const heard = await tell(base, head, { options, isSame })
  return reportOf(checked, heard, options)
}

interface Telling {
  readonly options: CheckOptions
  readonly isSame: boolean
}

const tell = async (base: Contracts, head: Contracts, { options, isSame }: Telling): Promise<Heard> => {
  const vocabulary = options.vocabulary ?? standardVocabulary
  const how = { vocabulary, compose: options.compose ?? compose }
  const isSameGraph = JSON.stringify(graphOf(base)) === JSON.stringify(graphOf(head))
  // The base takes less, so it is begun first: it is read while the head is still composed.
  const [before, after] = await Promise.all([
    isSame || isSameGraph ? null : readSide(base, { ...how, isWhatStands: true }),
    readSide(head, how),
  ])
  const sides = { base: before ?? { ...after, contracts: base }, head: after }
  const context = { ...sides, today: options.today ?? null, all: options.all ?? false }
  const told = await Promise.all(specifiedChecks.map((one) => decided(one, context)))
  return { told: told.flat(), ...sides }
}

interface Heard {
  readonly told: readonly Told[]
  readonly base: Side
  readonly head: Side
}

const graphOf = ({ subgraphs, supergraph, vocabulary }: Contracts): unknown => [
  subgraphs.map(({ name, sdl }) => [name, sdl]),
  supergraph?.text,
  vocabulary?.text,
]

/** A check that fails on a change has not passed it. */
const decided = async (one: Check, context: CheckContext): Promise<readonly Told[]> => {
  try {
    return await one(context)
  } catch (error) {
    return [
      {
        code: 'CHECK_FAILED',
        coordinate: '',
        detail: error instanceof Error ? error.message : 'unknown',
      },
    ]
  }
}

const reportOf = (
  { base, head }: { readonly base: Checked; readonly head: Checked },
  heard: Heard,
  options: CheckOptions,
): Report => {
  const hashed = { head: head.hash, owner: options.owner ?? 'privacy' }
  const given = { approvals: options.approvals ?? [], now: options.now ?? 0 }
  const all = inOrder(heard.told, hashed)
  const used = options.usage == null ? null : judgeByUse(all, heard, options.usage)
  const found = used?.findings ?? all
  const refused = inOrder(refusedApprovals(found, given), hashed)
  const findings = sorted([...approve(found, given), ...refused])
  return summed({ version: 1, base, head, findings, ...(used === null ? {} : { impact: used.impact }) })
}

/** The counts of findings, and what follows from them: one error blocks. */
const summed = (report: Omit<Report, 'summary' | 'outcome'>): Report => {
  const count = (level: Finding['level']): number =>
    report.findings.filter((one) => one.level === level).length
  const summary = { error: count('error'), warning: count('warning'), note: count('note') }
  return { ...report, outcome: summary.error > 0 ? 'blocked' : 'ok', summary }
}
