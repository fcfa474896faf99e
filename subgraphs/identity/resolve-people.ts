import { createHash } from 'node:crypto'
import type { Evidence } from './graph/decision.ts'
import { type MergeOutcome, mergeRecords } from './graph/merge-records.ts'
import { type MatchDraft, proposeMatches } from './graph/possible-matches.ts'
import type { MatchModel } from './matching/match-model.ts'
import type { MatchedPair, MatchOptions, MatchResult } from './matching/match-result.ts'
import { match } from './matching/match.ts'
import type { PersonRow } from './matching/person-row.ts'
import type { IdentityStore } from './store.ts'

export interface ResolveOptions {
  readonly store: IdentityStore
  /** What records say, each under its number in the store. */
  readonly rows: AsyncIterable<PersonRow>
  readonly matching: MatchOptions
  /** Only counts what would be decided. */
  readonly isDryRun: boolean
  readonly clock: () => number
  readonly onWritten?: (pairs: number) => void
}

export interface ResolveReport {
  readonly records: number
  /** Pairs of the merge band, by what came of them; in a dry run all of them count as decided. */
  readonly merges: Readonly<Record<MergeOutcome['outcome'], number>>
  /** Pairs that somebody has to look at and that nobody was asked about before. */
  readonly proposed: number
  readonly model: MatchModel
}

/**
 * Matches all records there are, and writes what comes of it: a decision for each pair that may be merged without asking
 * anybody, with its waterfall, and a possible match for each of the rest. What somebody separated or undid with `keepApart`
 * stays apart; what was decided before is not decided again, so it may be run as often as one likes, and broken off.
 */
export async function resolvePeople(options: ResolveOptions): Promise<ResolveReport> {
  const result = await match(options.rows, options.matching)
  const by = nameOf(result.model)
  const merges = { decided: 0, already: 0, separated: 0 }
  let [written, proposed] = [0, 0]
  for (const pairs of batchesOf(result.pairs, BATCH)) {
    // oxlint-disable-next-line no-await-in-loop -- one change after the other
    const done = await (options.isDryRun ? counted(pairs) : decide(pairs, { ...options, result, by }))
    for (const outcome of done.outcomes) merges[outcome] += 1
    proposed += done.proposed
    written += pairs.length
    options.onWritten?.(written)
  }
  return { records: result.records, merges, proposed, model: result.model }
}

const BATCH = 200

/** The matcher with its version, and what it had learned: two models of one version are told apart. */
const nameOf = (model: MatchModel): string => {
  const digest = createHash('sha256').update(JSON.stringify(model)).digest('hex').slice(0, 8)
  return `${model.version.replace('-', '@')}+${digest}`
}

interface Decided {
  readonly outcomes: readonly MergeOutcome['outcome'][]
  readonly proposed: number
}

const counted = async (pairs: readonly MatchedPair[]): Promise<Decided> => ({
  outcomes: pairs.flatMap(({ decision }) => (decision === 'merge' ? ['decided'] : [])),
  proposed: pairs.filter(({ decision }) => decision === 'possible').length,
})

interface Deciding extends ResolveOptions {
  readonly result: MatchResult
  readonly by: string
}

function decide(pairs: readonly MatchedPair[], { store, clock, result, by }: Deciding): Promise<Decided> {
  const at = clock()
  const drafts = pairs.map((pair) => ({ pair, draft: draftOf(pair, result, by) }))
  return store.change(async (graph) => {
    const ids = drafts.flatMap(({ draft }) => [draft.a, draft.b])
    const there = new Set((await graph.byId(ids)).flatMap(({ id, goneAt }) => (goneAt === null ? id : [])))
    const outcomes: MergeOutcome['outcome'][] = []
    const possible: MatchDraft[] = []
    for (const { pair, draft } of drafts) {
      if (!there.has(draft.a) || !there.has(draft.b)) continue
      if (pair.decision === 'possible') possible.push(draft)
      else {
        // oxlint-disable-next-line no-await-in-loop -- each is decided from what the last one left
        const { outcome } = await mergeRecords(graph, { ...draft, actor: by, reason: null }, at)
        outcomes.push(outcome)
      }
    }
    return { outcomes, proposed: await proposeMatches(graph, possible, at) }
  })
}

function draftOf({ left, right, probability }: MatchedPair, result: MatchResult, by: string): MatchDraft {
  const explained = result.explain(left, right)
  const evidence = (explained?.evidence ?? []).map(({ comparison, level, weight }): Evidence => ({
    field: comparison,
    level,
    weight,
  }))
  const [a, b] = [Number(left), Number(right)]
  return { a, b, how: 'model', by, evidence, prior: explained?.prior ?? null, probability }
}

function* batchesOf<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
