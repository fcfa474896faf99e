import type { Change, Notice, Outcome, StatementOptions } from './consent.ts'
import { ConsentError, knownCode } from './consent-error.ts'
import { sendInOrder } from './send-in-order.ts'
import type { Service } from './service.ts'
import type { Settled, Waiting, WaitingList } from './waiting-list.ts'

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 300_000
/** How often it is asked whether a change is in force; the service itself waits a moment each time. */
const EFFECT_ASKS = 20

type Taken = Extract<Outcome, { state: 'taken' }>

export interface StatementsParts {
  /** Of this service in this browser. */
  readonly name: string
  readonly list: WaitingList
  readonly service: Service
  readonly tell: (change: Change) => void
}

/** What a person says, from the moment it is said until it is in force. */
export interface Statements {
  say(action: Waiting['action'], scopes: readonly string[], said: Said): Promise<Outcome>
  waiting(): Promise<readonly Waiting[]>
  /** Sends what waits; what cannot be sent is tried again by itself. */
  flush(): Promise<void>
  /** The same, as the service may be back. */
  retryNow(): void
  close(): void
}

export interface Said extends StatementOptions {
  /** The words that were shown. */
  readonly notice?: Notice
}

export function createStatements({ name, list, service, tell }: StatementsParts): Statements {
  const effects = followEffects(service, tell)
  const retry = createRetry(() => void flush())

  const onSettled = (statement: Waiting, { answer, code }: Settled): void => {
    retry.reset()
    if (code !== null) return tell({ reason: 'refused', statement, code: knownCode(code) })
    const { revision, effective } = answer as Pick<Taken, 'revision' | 'effective'>
    tell({ reason: 'taken', statement, revision, effective })
    if (effective === 'PENDING') effects.follow(revision)
  }
  const flush = async (): Promise<void> => {
    if (list.isEmpty()) return
    const stopped = await service
      .person()
      .then((who) => sendInOrder({ name, list, service, isClosed: effects.isClosed, onSettled }, who))
      .catch((error: unknown) => error as ConsentError)
    if (stopped !== null) retry.later(stopped.retrySeconds ?? 0)
  }

  return {
    async say(action, scopes, said) {
      if (effects.isClosed()) throw new ConsentError('CLOSED')
      if (action === 'give' && said.notice === undefined) throw new ConsentError('NOTICE_UNKNOWN')
      const statement = { id: crypto.randomUUID(), action, scopes, ...said }
      await list.add(await service.person(), statement)
      await flush()
      const outcome = list.settled(statement.id)
      if (outcome === undefined) tell({ reason: 'waiting', statement })
      return outcomeOf(statement.id, outcome)
    },
    waiting: async () => list.all(await service.person()),
    flush,
    retryNow() {
      retry.reset()
      void flush()
    },
    close() {
      retry.close()
      effects.close()
    },
  }
}

function outcomeOf(id: string, outcome: Settled | undefined): Outcome {
  if (outcome === undefined) return { state: 'waiting', id }
  if (outcome.code !== null) throw new ConsentError(knownCode(outcome.code), outcome.message)
  return {
    ...(outcome.answer as Omit<Taken, 'state' | 'id'>),
    state: 'taken',
    id,
  }
}

/** Longer and longer between two tries, never at the same moment as everybody else. */
function createRetry(run: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let isClosed = false
  return {
    later(seconds: number) {
      if (isClosed) return
      const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++) * (0.5 + Math.random() / 2)
      clearTimeout(timer)
      timer = setTimeout(run, Math.max(seconds * 1000, backoff))
    },
    reset() {
      failures = 0
      clearTimeout(timer)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** Tells when a change is in force: when nobody anywhere uses what was before. */
function followEffects(service: Service, tell: (change: Change) => void) {
  const end = new AbortController()
  const isClosed = (): boolean => end.signal.aborted
  const ask = async (revision: string, asksLeft: number): Promise<void> => {
    const answer = await service.get(`/consent/v1/me/revisions/${revision}`).catch(() => null)
    if (isClosed()) return
    const { effective } = (answer ?? {}) as { effective?: string }
    if (effective === 'EFFECTIVE') return tell({ reason: 'effective', revision })
    const timer = setTimeout(() => void ask(revision, asksLeft - 1), FIRST_RETRY_MS)
    if (asksLeft <= 0) clearTimeout(timer)
    end.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  }
  return { isClosed, close: () => end.abort(), follow: (revision: string) => void ask(revision, EFFECT_ASKS) }
}
