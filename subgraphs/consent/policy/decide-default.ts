import type { PolicyBundle } from './bundle.ts'
import { cellAt, type PolicyPlace, type UnknownPlace } from './cell-at.ts'
import type { Cell, LegalBasis } from './cell-fields.ts'
import type { SignalStatement } from './signals/statement.ts'

export interface PolicyQuestion extends PolicyPlace {
  readonly scope: string
  /** Years; null or absent when it is not known. */
  readonly age?: number | null
  /** The language the person reads, such as `de` or `de-AT`; null or absent when it is not known. */
  readonly language?: string | null
}

/** Why nothing holds. The list is closed. */
export type PolicyDenial =
  | UnknownPlace
  | 'PROHIBITED'
  | 'SAID_NO'
  | 'SIGNAL'
  | 'UNDER_AGE'
  | 'AGE_UNKNOWN'
  | 'NOT_ASKED'
  | 'NOTICE_LANGUAGE'
  | 'NO_LEGAL_BASIS'

export type CellDecision =
  | {
      readonly holds: true
      /** `statement`: the person said yes. `default`: nothing was said, and the law allows it. */
      readonly by: 'statement' | 'default'
      readonly basis: LegalBasis
      readonly retentionDays: number
    }
  | { readonly holds: false; readonly reason: PolicyDenial }

export type PolicyDecision = CellDecision & {
  /** The bundle it was decided by. */
  readonly policy: string
}

/**
 * What holds for one person, scope and place. `status` is what the person's receipts come to (null: nothing was said);
 * signals can only take away. Pure, and no is the answer to everything it does not know.
 */
export function decideDefault(
  bundle: PolicyBundle,
  question: PolicyQuestion,
  status: string | null,
  signals: readonly SignalStatement[] = [],
): PolicyDecision {
  const cell = cellAt(bundle, question.scope, question)
  const decision = typeof cell === 'string' ? no(cell) : decideCell(cell, { question, status, signals })
  return { ...decision, policy: bundle.id }
}

export interface CellQuestion {
  readonly question: Omit<PolicyQuestion, 'region' | 'brand'>
  readonly status: string | null
  readonly signals: readonly SignalStatement[]
}

/** The same by one cell, where it is known which. */
export function decideCell(cell: Cell, { question, status, signals }: CellQuestion): CellDecision {
  const said = saidBy(status)
  if (said === 'no') return no('SAID_NO')
  const forbidden = forbiddenBy(cell, question, signals)
  if (forbidden !== null) return no(forbidden)
  const allowed = allowedBy(cell, question, said)
  if (typeof allowed === 'string') return no(allowed)
  return { holds: true, ...allowed, retentionDays: cell.retentionDays }
}

function no(reason: PolicyDenial): CellDecision {
  return { holds: false, reason }
}

/** What no statement of the person helps against. */
function forbiddenBy(
  { model, minimumAge, unknownAge, signals: heeded }: Cell,
  { scope, age }: PolicyQuestion,
  signals: readonly SignalStatement[],
): PolicyDenial | null {
  if (model === 'prohibited') return 'PROHIBITED'
  if (age == null && unknownAge === 'denied') return 'AGE_UNKNOWN'
  if (age != null && !(age >= minimumAge)) return 'UNDER_AGE'
  const isRefused = signals.some(
    (signal) => signal.scope === scope && signal.says === 'no' && heeded.includes(signal.kind),
  )
  return isRefused ? 'SIGNAL' : null
}

type Said = 'yes' | 'no' | 'nothing'

/**
 * Only given and renewed are a yes; whatever else there may be is a no. So is asked and not answered: who asks rests on the
 * answer, and a person who has objected and is asked again has still objected.
 */
export function saidBy(status: string | null): Said {
  if (status === null || status === 'unknown') return 'nothing'
  return status === 'given' || status === 'renewed' ? 'yes' : 'no'
}

type Allowed = { readonly by: 'statement' | 'default'; readonly basis: LegalBasis }

function allowedBy(
  cell: Cell,
  { language }: PolicyQuestion,
  said: Exclude<Said, 'no'>,
): Allowed | PolicyDenial {
  if (said === 'yes' && cell.legalBases.includes('consent')) return { by: 'statement', basis: 'consent' }
  if (cell.model === 'opt-in') return said === 'yes' ? 'NO_LEGAL_BASIS' : 'NOT_ASKED'
  const basis = cell.legalBases.find((candidate) => candidate !== 'consent')
  if (basis === undefined) return 'NO_LEGAL_BASIS'
  // A notice that is not understood informs nobody (GDPR Art. 12(1)).
  if (language != null && !cell.languages.includes(language.toLowerCase().split('-', 1)[0] ?? ''))
    return 'NOTICE_LANGUAGE'
  return { by: 'default', basis }
}
