import { quoted } from '../json-writer.ts'
import type { ConsentState, DecisionRecord, DecisionRecords } from '../ports.ts'
import type { DecidedAlike, LedgerEntry } from './ledger-entry.ts'
import type { Standing } from './standing.ts'
import type { Verdict } from './verdict.ts'

export interface RecordHeader extends Pick<
  DecisionRecord,
  'at' | 'request' | 'client' | 'purpose' | 'supergraph'
> {
  readonly region: string | undefined
  readonly brand: string | undefined
}

/** The records of what was decided: nearly always they are only written. */
export const recordsOf = (header: RecordHeader, entries: readonly LedgerEntry[]): DecisionRecords => ({
  length: entries.reduce((sum, { items }) => sum + items.length, 0),
  *[Symbol.iterator]() {
    for (const line of linesOf(header, entries)) yield JSON.parse(line) as DecisionRecord
  },
  lines() {
    let text = ''
    for (const line of linesOf(header, entries)) text += `${line}\n`
    return text
  },
})

/** One record: what is said of everybody in it is written once. */
interface Line {
  readonly subgraph: string
  readonly policy: string | undefined
  readonly basis: Basis
  readonly alike: DecidedAlike[]
}

/** Written without making each record first: people are many, and sets of answers few. */
const linesOf = (header: RecordHeader, entries: readonly LedgerEntry[]): string[] => {
  const head = headText(header)
  return gathered(entries).map(({ subgraph, policy, basis, alike }) => {
    const decidedBy = policy === undefined ? '' : `"policy":${quoted(policy)},`
    return `${head},"subgraph":${quoted(subgraph)},${decidedBy}${basis.text},"people":[${peopleText(alike)}]}`
  })
}

/** Callers of one kind come one after the other: what is said of them is written when it changes. */
const headText = (header: RecordHeader): string =>
  `{"at":${quoted(header.at)},"request":${quoted(header.request)},${restText(header)}`

let latest: RecordHeader | null = null
let latestText = ''

const restText = (header: RecordHeader): string => {
  const { client, purpose, supergraph, region, brand } = header
  const isSame =
    latest !== null &&
    latest.client === client &&
    latest.purpose === purpose &&
    latest.supergraph === supergraph &&
    latest.region === region &&
    latest.brand === brand
  if (!isSame) {
    latest = header
    latestText = JSON.stringify({ client, purpose, supergraph, region, brand }).slice(1, -1)
  }
  return latestText
}

/** Those of whom the same is said, in the order in which it was said first. */
const gathered = (entries: readonly LedgerEntry[]): readonly Line[] => {
  const lines: Line[] = []
  const byBasis = new Map<string, Line[]>()
  for (const { subgraph, groups } of entries) {
    for (const alike of groups) {
      const basis = basisOf(alike.verdict)
      const policy = policyOf(alike)
      const like = byBasis.get(basis.text) ?? []
      const known = like.find((line) => line.subgraph === subgraph && line.policy === policy)
      if (known !== undefined) {
        known.alike.push(alike)
        continue
      }
      const line = { subgraph, policy, basis, alike: [alike] }
      lines.push(line)
      if (like.push(line) === 1) byBasis.set(basis.text, like)
    }
  }
  return lines
}

/** One bundle holds for everybody who is asked about in one question. */
const policyOf = ({ standings }: DecidedAlike): string | undefined =>
  standings.find(({ state }) => state !== null)?.state?.policy

/** What a verdict says of everybody it is about, written once a verdict. */
interface Basis {
  readonly text: string
  /** Scopes that anything granted rests on. */
  readonly scopes: readonly string[]
}

const bases = new WeakMap<Verdict, Basis>()

const basisOf = (verdict: Verdict): Basis => {
  const known = bases.get(verdict)
  if (known !== undefined) return known
  const granted: Record<string, readonly string[]> = {}
  const denied: Record<string, string> = {}
  for (const [coordinate, decision] of verdict.decisions)
    if (decision.kind === 'granted') granted[coordinate] = decision.scopes
    else denied[coordinate] = decision.reason
  const scopes = [...new Set(Object.values(granted).flat())]
  const basis = { scopes, text: JSON.stringify({ granted, denied, scopes }).slice(1, -1) }
  bases.set(verdict, basis)
  return basis
}

/** Each person once: who, at which revision of their consent, by which receipts. */
const peopleText = (alike: readonly DecidedAlike[]): string => {
  const told = createTold(alike.length === 1)
  const people: string[] = []
  for (const { verdict, items, standings } of alike) {
    const { scopes } = basisOf(verdict)
    for (let index = 0; index < items.length; index += 1) {
      const standing = standings[index]
      const subject = items[index]?.subject ?? null
      if (standing === undefined || told(standing, subject)) continue
      people.push(
        standing.state === null
          ? unaskedText(subject)
          : (standing.text ??= personText(standing.state, scopes)),
      )
    }
  }
  return people.join(',')
}

/**
 * Whether a person is in this list already. Who was decided about at one moment and is known beyond the request has one
 * standing, which remembers the list; all others are told apart by what is known of them.
 */
const createTold = (isOneGroup: boolean): ((standing: Standing, subject: string | null) => boolean) => {
  let told: Set<ConsentState | string | null> | undefined
  const list = (lastTold += 1)
  return (standing, subject) => {
    if (isOneGroup && standing.isKept) {
      if (standing.toldIn === list) return true
      standing.toldIn = list
      return false
    }
    const who = standing.state ?? subject
    told ??= new Set()
    if (told.has(who)) return true
    told.add(who)
    return false
  }
}

/** The number of the last list in which it is remembered who was told of. */
let lastTold = 0

const unaskedText = (subject: string | null): string => `[${quoted(subject ?? '(unknown)')},null]`

/** Written whole: a text that is put together stays in its parts, which are gone through each time it is written. */
const personText = ({ subject, revision, scopes: said }: ConsentState, scopes: readonly string[]): string =>
  JSON.stringify([subject, revision, ...scopes.map((scope) => said.get(scope)?.receipt ?? '')])
