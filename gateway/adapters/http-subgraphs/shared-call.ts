import { AssentError } from '../../errors.ts'
import type { Lifetime } from '../../lifetime.ts'
import type { SubgraphRequest, SubgraphResponse } from '../../ports.ts'
import { type Expiring, NOWHERE } from './deadlines.ts'
import type { Lane } from './lane.ts'
import { readAnswer } from './read-answer.ts'
import { type CallOutcome, SubgraphCall } from './subgraph-call.ts'
import type { WrittenRequest } from './write-request.ts'

/**
 * One call and everybody who waits for it. The text of the answer is shared, never what is read from it: whoever changes
 * an answer changes only the own. Who leaves does not end it for the others; when all have left, it is cut.
 */
export class SharedCall {
  private readonly lane: Lane
  private readonly request: WrittenRequest
  private readonly call: SubgraphCall
  private readonly onEnd: () => void
  private waiters: Waiter[] = []

  constructor(lane: Lane, request: WrittenRequest, onEnd: () => void) {
    this.lane = lane
    this.request = request
    this.onEnd = onEnd
    this.call = new SubgraphCall(lane, request, (outcome) => this.settle(outcome))
  }

  start(): void {
    this.call.start()
  }

  join({ lifetime }: SubgraphRequest): Promise<SubgraphResponse> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: CallOutcome): void => {
        try {
          if (typeof outcome === 'string') resolve(this.read(outcome))
          else reject(outcome)
        } catch (problem) {
          reject(problem)
        }
      }
      const waiter = new Waiter(this.lane, settle, (one) => this.left(one))
      this.waiters.push(waiter)
      waiter.watch(lifetime, this.call.deadline)
    })
  }

  /** When it was answered matters to nobody but who was refused something. */
  private read(text: string): SubgraphResponse {
    const response = readAnswer(this.lane.subgraph, text)
    return response.errors.length > 0 && this.request.isLate() ? { ...response, isLate: true } : response
  }

  private left(waiter: Waiter): void {
    this.waiters = this.waiters.filter((one) => one !== waiter)
    if (this.waiters.length > 0) return
    this.onEnd()
    this.call.cut()
  }

  /** Nobody may join what is over: the entry goes before the answer is given out. */
  private settle(outcome: CallOutcome): void {
    this.onEnd()
    if (typeof outcome === 'string') this.lane.received(outcome.length)
    const { waiters } = this
    this.waiters = []
    for (const waiter of waiters) waiter.end(outcome)
  }
}

/** One who waits, until the answer or the end of the own lifetime. */
class Waiter implements Expiring {
  deadline = Number.POSITIVE_INFINITY
  place = NOWHERE
  private readonly lane: Lane
  private readonly settle: (outcome: CallOutcome) => void
  private readonly leave: (waiter: Waiter) => void
  private stopListening: (() => void) | undefined

  constructor(lane: Lane, settle: (outcome: CallOutcome) => void, leave: (waiter: Waiter) => void) {
    this.lane = lane
    this.settle = settle
    this.leave = leave
  }

  watch(lifetime: Lifetime, callDeadline: number): void {
    this.stopListening = lifetime.onOver((cause) => this.giveUp(cause))
    if (lifetime.deadline >= callDeadline) return
    this.deadline = lifetime.deadline
    this.lane.deadlines.add(this)
  }

  expire(): void {
    this.giveUp(new AssentError('SUBGRAPH_TIMEOUT', this.lane.subgraph))
  }

  end(outcome: CallOutcome): void {
    this.stopListening?.()
    if (this.deadline < Number.POSITIVE_INFINITY) this.lane.deadlines.remove(this)
    this.settle(outcome)
  }

  private giveUp(cause: AssentError): void {
    this.end(cause)
    this.leave(this)
  }
}
