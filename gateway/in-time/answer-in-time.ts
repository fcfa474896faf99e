import type { DocumentNode } from 'graphql'
import { ANONYMOUS } from '../../directives/grant.ts'
import { AssentError } from '../errors.ts'
import { createLifetime, type EndableLifetime } from '../lifetime.ts'
import type { ClientContract, Clock, ConsentSource, DecisionLog, DecisionRecord } from '../ports.ts'
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
  const instead = async (request: GatewayRequest): Promise<GatewayResult | null> => {
    const before = hearsChanges() ? await snapshots.tell(request, decisionLog) : null
    if (before !== null) return toldAs('SNAPSHOT', before)
    const nobodys = defaults.of(request)
    return nobodys === null ? null : toldAs('NOBODY', nobodys)
  }
  return async (request: GatewayRequest, budgetMs: number): Promise<GatewayResult> => {
    const at = clock()
    const watched = watching(request, decisionLog)
    const lifetime = within(request)
    const answering = execute({ ...request, lifetime, incoming: watched.incoming }, watched.log)
    const answered = await raced(answering, { lifetime, budgetMs, timer })
    const mayBeKept = isKept(request)
    if (answered !== LATE) {
      if (mayBeKept && hearsChanges()) snapshots.keep(request, { ...watched, result: answered, at })
      if (mayBeKept) defaults.warm(request)
      return answered
    }
    const told = mayBeKept ? await instead(request) : null
    if (told === null) throw new AssentError('OPERATION_LATE', 'budgetMs')
    return told
  }
}

/**
 * Only of an operation whose contract says through which variables it is about somebody. Numbers that JSON cannot hold would make two
 * questions one.
 */
const isKept = ({ caller, exactVariables }: GatewayRequest): boolean =>
  caller.personal !== undefined && exactVariables === undefined

/** What was read of the request while it was answered, and who was decided about. */
const watching = ({ incoming }: GatewayRequest, decisionLog: DecisionLog) => {
  const records: DecisionRecord[] = []
  const headers = new Map<string, string | undefined>()
  const log: DecisionLog = {
    write: (written) => {
      records.push(...written)
      return decisionLog.write(written)
    },
  }
  return {
    records,
    headers,
    log,
    incoming: (name: string): string | undefined => {
      const value = incoming(name)
      headers.set(name, value)
      return value
    },
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

const FRESH_MS = 60_000
const OLDEST_MS = 600_000
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
    of(request: GatewayRequest): GatewayResult | null {
      const known = keptOf(request).get(nobodysKey(request))
      return known === undefined || clock() - known.at > OLDEST_MS ? null : known.result
    },
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

/** Who proves what, and with which headers, is not in it: `ofNobody` asks without. */
const nobodysKey = ({ caller, operationName, variables }: GatewayRequest): string =>
  JSON.stringify([
    caller.client,
    caller.purpose,
    caller.context,
    operationName ?? null,
    Object.entries(variables).filter(([name]) => caller.personal?.includes(name) !== true),
  ])

/** The same question by somebody who has proved nothing and may learn of nobody, about nobody. */
const ofNobody = ({ watch: _watch, batch: _batch, ...request }: GatewayRequest): GatewayRequest => {
  const { proof: _proof, ...caller } = request.caller
  const [subject, ...others] = caller.personal ?? []
  return {
    ...request,
    variables: Object.fromEntries(
      Object.entries(request.variables).flatMap(([name, value]) => {
        if (name === subject) return [[name, ANONYMOUS]]
        return others.includes(name) ? [] : [[name, value]]
      }),
    ),
    caller: { ...caller, scopes: NO_SCOPES, actor: null, contract: withoutPolicies(caller.contract) },
    incoming: () => undefined,
    lifetime: createLifetime(performance.now() + 30_000),
  }
}

const NO_SCOPES: ReadonlySet<string> = new Set()

/** Made once a contract: plans are kept by it. */
const withoutPolicies = (contract: ClientContract): ClientContract => {
  if (contract.policies === undefined || contract.policies.length === 0) return contract
  const known = bare.get(contract) ?? { ...contract, policies: [] }
  bare.set(contract, known)
  return known
}

const bare = new WeakMap<ClientContract, ClientContract>()
