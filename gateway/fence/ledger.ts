import { quoted } from '../json-writer.ts'
import type { ConsentState, DecisionRecord, DecisionRecords } from '../ports.ts'
import { type Decision, receiptsOf } from './decide.ts'
import type { Verdict } from './verdict.ts'

/** What one request was decided to be, kept for the answer (what is withheld from which object) and for the decision log. */
export interface Ledger {
  enter(entry: LedgerEntry): void
  /** Nothing was decided: nobody's protected data was asked for. */
  isEmpty(): boolean
  /** How coordinates of one object of the merged data were decided; undefined when nobody decided any. */
  decisionsOn(object: object): Decisions | undefined
  records(header: RecordHeader): DecisionRecords
}

export interface LedgerEntry {
  readonly subgraph: string
  readonly item: { readonly object: object; readonly subject: string | null }
  readonly state: ConsentState | null
  readonly verdict: Verdict
}

type Decisions = ReadonlyMap<string, Decision>

export type RecordHeader = Pick<DecisionRecord, 'at' | 'request' | 'client' | 'purpose' | 'supergraph'>

/** One record: about one person, in one subgraph, at one revision of what is known of their consent. */
interface Line {
  readonly subject: string
  readonly subgraph: string
  readonly revision: string | null
  readonly parts: Part[]
}

/** Decisions are shared by everybody who gave the same answers; the receipts are each person's own. */
interface Part {
  readonly decisions: Decisions
  readonly state: ConsentState | null
}

export const createLedger = (): Ledger => {
  const decided = new Map<object, Decisions>()
  const lines = new Map<string, Map<string, Line[]>>()
  return {
    enter: (entry) => {
      enterObject(decided, entry)
      enterLine(lines, entry)
    },
    isEmpty: () => lines.size === 0,
    decisionsOn: (object) => decided.get(object),
    records: (header) =>
      recordsOf(
        header,
        [...lines.values()].flatMap((subjects) => [...subjects.values()].flat()),
      ),
  }
}

/** Decision maps are shared until a second one has to be added: most objects are decided about once. */
const enterObject = (decided: Map<object, Decisions>, { item, verdict }: LedgerEntry): void => {
  const known = decided.get(item.object)
  const both = known === undefined || known === verdict.decisions
  decided.set(item.object, both ? verdict.decisions : new Map([...known, ...verdict.decisions]))
}

/** Decisions are added up, never overwritten: what was given out and then taken back is two lines. */
const enterLine = (lines: Map<string, Map<string, Line[]>>, entry: LedgerEntry): void => {
  const { subgraph, item, state, verdict } = entry
  const subject = item.subject ?? '(unknown)'
  const subjects = lines.get(subgraph) ?? new Map<string, Line[]>()
  lines.set(subgraph, subjects)
  const revision = state?.revision ?? null
  const part: Part = { decisions: verdict.decisions, state }
  const known = subjects.get(subject)
  if (known === undefined) return void subjects.set(subject, [{ subject, subgraph, revision, parts: [part] }])
  const line = known.find((one) => one.revision === revision && agrees(one, part))
  if (line === undefined) known.push({ subject, subgraph, revision, parts: [part] })
  else if (!line.parts.some((one) => one.decisions === part.decisions && one.state === state))
    line.parts.push(part)
}

const agrees = ({ parts }: Line, { decisions }: Part): boolean =>
  parts.every(
    (part) =>
      part.decisions === decisions ||
      [...decisions].every(
        ([coordinate, { kind }]) => (part.decisions.get(coordinate)?.kind ?? kind) === kind,
      ),
  )

const recordsOf = (header: RecordHeader, lines: readonly Line[]): DecisionRecords => ({
  length: lines.length,
  *[Symbol.iterator]() {
    for (const line of lines) yield recordOf(header, line)
  },
  lines: () => linesOf(header, lines),
})

const recordOf = (header: RecordHeader, { subject, subgraph, revision, parts }: Line): DecisionRecord => {
  const granted: Record<string, readonly string[]> = {}
  const denied: Record<string, string> = {}
  for (const { decisions, state } of parts)
    for (const [coordinate, decision] of decisions) {
      if (decision.kind === 'granted') granted[coordinate] = receiptsOf(decision, state)
      else denied[coordinate] = decision.reason
    }
  return { ...header, subject, subgraph, revision, granted, denied }
}

/** The records as JSON Lines, written without making each of them first: there is one a person. */
const linesOf = (header: RecordHeader, lines: readonly Line[]): string => {
  const head = JSON.stringify(header).slice(0, -1)
  const templates = new Map<Decisions, Template>()
  let text = ''
  for (const line of lines) {
    const [part, ...others] = line.parts
    if (part === undefined || others.length > 0) {
      text += `${JSON.stringify(recordOf(header, line))}\n`
      continue
    }
    const template = templates.get(part.decisions) ?? templateOf(part.decisions)
    templates.set(part.decisions, template)
    const revision = line.revision === null ? 'null' : quoted(line.revision)
    text += `${head},"subject":${quoted(line.subject)},"subgraph":${quoted(line.subgraph)},"revision":${revision},"granted":{${grantedText(template, part.state)}},"denied":${template.denied}}\n`
  }
  return text
}

/** What is the same in the records of everybody about whom was decided the same. */
interface Template {
  readonly granted: readonly {
    readonly prefix: string
    readonly decision: Extract<Decision, { kind: 'granted' }>
  }[]
  readonly denied: string
}

const templateOf = (decisions: Decisions): Template => {
  const granted: Template['granted'][number][] = []
  const denied: Record<string, string> = {}
  for (const [coordinate, decision] of decisions) {
    if (decision.kind === 'denied') denied[coordinate] = decision.reason
    else
      granted.push({ prefix: `${granted.length === 0 ? '' : ','}${JSON.stringify(coordinate)}:`, decision })
  }
  return { granted, denied: JSON.stringify(denied) }
}

const grantedText = ({ granted }: Template, state: ConsentState | null): string => {
  let text = ''
  for (const { prefix, decision } of granted) {
    const [only, ...others] = decision.scopes
    const receipt = only === undefined ? undefined : state?.scopes.get(only)?.receipt
    text +=
      others.length === 0 && typeof receipt === 'string'
        ? `${prefix}[${quoted(receipt)}]`
        : `${prefix}${JSON.stringify(receiptsOf(decision, state))}`
  }
  return text
}
