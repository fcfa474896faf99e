import type { DocumentNode } from 'graphql'
import { ANONYMOUS } from '../../directives/grant.ts'
import { AssentError } from '../errors.ts'
import { createLifetime, type EndableLifetime } from '../lifetime.ts'
import type { Clock, ConsentSource, DecisionLog, DecisionRecord } from '../ports.ts'
import type { GatewayRequest, GatewayResult } from '../request.ts'
import { createSnapshots } from './snapshots.ts'

/** Runs something after so many milliseconds, unless it is told to stop before. */
export type Timer = (ms: number, run: () => void) => () => void

export interface InTimeParts {
  /** Answers a request, and keeps its decisions in this log. */
  readonly execute: (request: GatewayRequest, log: DecisionLog) => Promise<GatewayResult>
  readonly decisionLog: DecisionLog
  readonly consent: Pick<ConsentSource, 'changes'>
  readonly clock: Clock
  readonly timer?: Timer
}

/**
 * A registered operation answers within its budget: what is late is stopped, and told instead is what was answered before, as
 * far as everything it was decided by still holds; else what is answered of nobody, by the same place and category; else
 * that there is nothing.
 */
export const answerInTime = ({ execute, decisionLog, consent, clock, timer = onTimer }: InTimeParts) => {
  const snapshots = createSnapshots(clock)
  const defaults = createDefaults((request) => execute(request, decisionLog), clock)
  // Where nobody is heard of, what was decided once could be told for ever.
  const hearsChanges = (): boolean => consent.changes?.holds() === true
  return async (request: GatewayRequest, budgetMs: number): Promise<GatewayResult> => {
    const records: DecisionRecord[] = []
    const log: DecisionLog = {
      write: (written) => {
        records.push(...written)
        return decisionLog.write(written)
      },
    }
    const lifetime = within(request)
    const answering = execute({ ...request, lifetime }, log)
    const answered = await raced(answering, { lifetime, budgetMs, timer })
    if (answered !== LATE) {
      if (hearsChanges()) snapshots.keep(request, answered, records)
      defaults.warm(request)
      return answered
    }
    const before = hearsChanges() ? await snapshots.tell(request, decisionLog) : null
    if (before !== null) return toldAs('SNAPSHOT', before)
    const nobodys = defaults.of(request)
    if (nobodys !== null) return toldAs('NOBODY', nobodys)
    throw new AssentError('OPERATION_LATE', 'budgetMs')
  }
}

const LATE = Symbol('late')

interface Racing {
  readonly lifetime: EndableLifetime
  readonly budgetMs: number
  readonly timer: Timer
}

const raced = async (
  answering: Promise<GatewayResult>,
  { lifetime, budgetMs, timer }: Racing,
): Promise<GatewayResult | typeof LATE> => {
  let stop = (): void => undefined
  const late = new Promise<typeof LATE>((resolve) => {
    stop = timer(budgetMs, () => resolve(LATE))
  })
  try {
    const first = await Promise.race([answering, late])
    if (first === LATE) {
      // Nobody waits for it any more, whatever becomes of it.
      answering.catch(() => undefined)
      lifetime.end(new AssentError('OPERATION_LATE', 'budgetMs'))
    }
    return first
  } finally {
    stop()
  }
}

/** Ends with the request, or before. */
const within = ({ lifetime: outer }: GatewayRequest): EndableLifetime => {
  const lifetime = createLifetime(outer.deadline)
  outer.onOver((cause) => lifetime.end(cause))
  return lifetime
}

const onTimer: Timer = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** What it is instead of, and nothing of why: who asks has waited long enough. */
const toldAs = (source: 'SNAPSHOT' | 'NOBODY', { extensions, ...result }: GatewayResult): GatewayResult => ({
  ...result,
  extensions: { ...extensions, operation: { answeredBy: source } },
})

/** Variables that are about the person the page is for. */
const PERSONAL = ['pid', 'shown']

const FRESH_MS = 60_000
const MOST_DEFAULTS = 1_000

interface Default {
  readonly at: number
  readonly result: GatewayResult | null
}

/** What nobody in particular is answered, by everything that is asked but the person: kept ready, for when it is needed nobody may answer. */
const createDefaults = (execute: (request: GatewayRequest) => Promise<GatewayResult>, clock: Clock) => {
  const documents = new WeakMap<DocumentNode, Map<string, Default>>()
  const keptOf = ({ document }: GatewayRequest): Map<string, Default> => {
    const kept = documents.get(document) ?? new Map<string, Default>()
    documents.set(document, kept)
    return kept
  }
  return {
    of: (request: GatewayRequest): GatewayResult | null =>
      keptOf(request).get(nobodysKey(request))?.result ?? null,
    warm(request: GatewayRequest): void {
      const kept = keptOf(request)
      const key = nobodysKey(request)
      const before = kept.get(key)
      if (before !== undefined && clock() - before.at < FRESH_MS) return
      kept.delete(key)
      kept.set(key, { at: clock(), result: before?.result ?? null })
      const [eldest] = kept.keys()
      if (kept.size > MOST_DEFAULTS && eldest !== undefined) kept.delete(eldest)
      execute(ofNobody(request)).then(
        (result) => {
          // About nobody: what anybody withdraws does not concern it, and nothing of it was withheld.
          if (result.errors === undefined && kept.has(key))
            kept.set(key, { at: clock(), result: { data: result.data ?? null } })
        },
        () => undefined,
      )
    },
  }
}

const nobodysKey = ({ caller, operationName, variables }: GatewayRequest): string =>
  JSON.stringify([
    caller.client,
    caller.purpose,
    operationName ?? null,
    Object.entries(variables).filter(([name]) => !PERSONAL.includes(name)),
  ])

/** The same question by somebody who may learn of nobody, about nobody. */
const ofNobody = ({
  watch: _watch,
  batch: _batch,
  exactVariables: _exact,
  ...request
}: GatewayRequest): GatewayRequest => ({
  ...request,
  variables: Object.fromEntries(
    Object.entries(request.variables).flatMap(([name, value]) => {
      if (name === 'pid') return [[name, ANONYMOUS]]
      return PERSONAL.includes(name) ? [] : [[name, value]]
    }),
  ),
  caller: { ...request.caller, scopes: NO_SCOPES, actor: null },
  incoming: () => undefined,
  lifetime: createLifetime(performance.now() + 30_000),
})

const NO_SCOPES: ReadonlySet<string> = new Set()
