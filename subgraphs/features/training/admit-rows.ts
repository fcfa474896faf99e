import type { ConsentHistory, GrantedThen, TrainingPorts } from './training-ports.ts'
import type { LeftOut, Snapshot } from './training-set.ts'
import type { ConsentRule, LabelledTime } from './training-spec.ts'

/** A row with what it rests on. */
export interface AdmittedRow {
  readonly row: LabelledTime
  /** By scope. */
  readonly granted: ReadonlyMap<string, GrantedThen>
}

export interface Admission {
  readonly admitted: readonly AdmittedRow[]
  readonly leftOut: LeftOut
  /** Who is in it by the snapshot, and is not any more. */
  readonly left: readonly string[]
}

interface Asking {
  readonly scopes: readonly string[]
  readonly rule: ConsentRule
  readonly snapshot: Snapshot
}

/**
 * A row is there only when every scope of its features was granted: at the time of the label, from the receipts of then; at the
 * time of building, from what the snapshot knows; and at this very moment, whatever the snapshot says. A yes that was
 * withdrawn and given again is another yes: what rests on the first is cut. The yes of who is too young is none.
 */
export async function admitRows(
  rows: readonly LabelledTime[],
  asking: Asking,
  ports: TrainingPorts,
): Promise<Admission> {
  const agreed = await bySnapshot(rows, asking, ports)
  const { candidates, byPolicy } = await byLaw(agreed.candidates, asking, ports)
  const leftOut = { ...agreed.leftOut, byPolicy }
  const left = await leftSince(candidates, asking.rule, ports)
  return {
    admitted: candidates.filter(({ row }) => !left.has(row.pid)),
    leftOut,
    left: [...left].toSorted(inBytes),
  }
}

/** The rows as the snapshot knows it: the same later. */
async function bySnapshot(
  rows: readonly LabelledTime[],
  { scopes, rule, snapshot }: Asking,
  { historyUpTo }: TrainingPorts,
): Promise<{ readonly candidates: readonly AdmittedRow[]; readonly leftOut: Omit<LeftOut, 'byPolicy'> }> {
  const history = historyUpTo(snapshot.revision)
  const builtAt = Date.parse(snapshot.at)
  const atBuild = rows.map((row) => ({ ...row, at: builtAt }))
  const everybody: readonly Grants[] = rows.map(() => new Map())
  const before = rule === 'now' ? everybody : await grantsOf(rows, scopes, history)
  const now = rule === 'then' ? everybody : await grantsOf(atBuild, scopes, history)
  const blocked = await history.blockedAt([...new Set(rows.map(({ pid }) => pid))], builtAt)
  const leftOut = { notThen: 0, notNow: 0 }
  const candidates: AdmittedRow[] = []
  for (const [index, row] of rows.entries()) {
    const [granted, grantedNow] = [before[index] ?? null, now[index] ?? null]
    if (granted === null) leftOut.notThen += 1
    else if (grantedNow === null || blocked.has(row.pid)) leftOut.notNow += 1
    else candidates.push({ row, granted: rule === 'now' ? grantedNow : granted })
  }
  return { candidates, leftOut }
}

/**
 * Of who agreed, those whose yes counts by the policy. Nobody grows younger: who was old enough at the time of a label is so at the time
 * of building. Only of who agreed is it asked how old they are.
 */
async function byLaw(
  agreed: readonly AdmittedRow[],
  { scopes, rule, snapshot }: Asking,
  { policyDenials }: TrainingPorts,
): Promise<{ readonly candidates: readonly AdmittedRow[]; readonly byPolicy: LeftOut['byPolicy'] }> {
  const asked = agreed.flatMap(({ row: { pid, at } }) =>
    scopes.map((scope) => ({ pid, scope, at: rule === 'now' ? Date.parse(snapshot.at) : at })),
  )
  const denials = await policyDenials(asked)
  const denied = new Map<string, string[]>()
  const candidates = agreed.filter(({ row }, index) => {
    const code = denials.slice(index * scopes.length, (index + 1) * scopes.length).find((one) => one !== null)
    if (code === undefined) return true
    if (code !== null) denied.set(code, [...(denied.get(code) ?? []), row.pid])
    return false
  })
  const counted = [...denied].toSorted(([a], [b]) => inBytes(a, b))
  return {
    candidates,
    byPolicy: Object.fromEntries(
      counted.map(([code, pids]) => [code, { rows: pids.length, people: new Set(pids).size }]),
    ),
  }
}

/** Who may not be in it at this very moment, whatever the snapshot says: erased, suppressed, or cut by a no. */
async function leftSince(
  candidates: readonly AdmittedRow[],
  rule: ConsentRule,
  { historyUpTo, standings, clock }: TrainingPorts,
): Promise<ReadonlySet<string>> {
  const pids = [...new Set(candidates.map(({ row }) => row.pid))]
  const left = new Set(await historyUpTo(NEWEST).blockedAt(pids, clock()))
  if (rule === 'then') return left
  const asked = candidates.flatMap(({ row: { pid }, granted }) =>
    [...granted].map(([scope, { revision }]) => ({ pid, scope, revision })),
  )
  const alive = await standings.areAlive(asked, clock())
  for (const [index, { pid }] of asked.entries()) if (alive[index] !== true) left.add(pid)
  return left
}

type Grants = ReadonlyMap<string, GrantedThen> | null

async function grantsOf(
  rows: readonly LabelledTime[],
  scopes: readonly string[],
  history: ConsentHistory,
): Promise<readonly Grants[]> {
  const asked = rows.flatMap(({ pid, at }) => scopes.map((scope) => ({ pid, scope, at })))
  const found = await history.grantedAt(asked)
  return rows.map((_, index) => {
    const granted = new Map<string, GrantedThen>()
    for (const [place, scope] of scopes.entries()) {
      const one = found[index * scopes.length + place]
      if (one == null) return null
      granted.set(scope, one)
    }
    return granted
  })
}

/** Greater than any revision. */
export const NEWEST = '9'.repeat(18)

export const inBytes = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
