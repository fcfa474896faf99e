import { AssentError } from '../../errors.ts'
import type { SubgraphRequest, SubgraphResponse } from '../../ports.ts'
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
  private readonly call: SubgraphCall
  private readonly onEnd: () => void
  private readonly waiters = new Set<Waiter>()

  constructor(lane: Lane, request: WrittenRequest, onEnd: () => void) {
    this.lane = lane
    this.onEnd = onEnd
    this.call = new SubgraphCall(lane, request, (outcome) => this.settle(outcome))
  }

  start(): void {
    this.call.start()
  }

  join({ lifetime }: SubgraphRequest): Promise<SubgraphResponse> {
    return new Promise((resolve, reject) => {
      const leave = (cause: AssentError): void => {
        if (this.waiters.delete(waiter)) this.left(waiter, cause)
      }
      const { deadlines, subgraph } = this.lane
      const waiter: Waiter = {
        resolve,
        reject,
        stopListening: lifetime.onOver(leave),
        takeBackDeadline:
          lifetime.deadline < this.call.deadline
            ? deadlines.at(lifetime.deadline, () => leave(new AssentError('SUBGRAPH_TIMEOUT', subgraph)))
            : undefined,
      }
      this.waiters.add(waiter)
    })
  }

  private left(waiter: Waiter, cause: AssentError): void {
    release(waiter)
    waiter.reject(cause)
    if (this.waiters.size > 0) return
    this.onEnd()
    this.call.cut()
  }

  /** Nobody may join what is over: the entry goes before the answer is given out. */
  private settle(outcome: CallOutcome): void {
    this.onEnd()
    for (const waiter of this.waiters) {
      release(waiter)
      try {
        if (typeof outcome === 'string') waiter.resolve(readAnswer(this.lane.subgraph, outcome))
        else waiter.reject(outcome)
      } catch (problem) {
        waiter.reject(problem)
      }
    }
    this.waiters.clear()
  }
}

interface Waiter {
  readonly resolve: (response: SubgraphResponse) => void
  readonly reject: (cause: unknown) => void
  readonly stopListening: () => void
  readonly takeBackDeadline: (() => void) | undefined
}

const release = ({ stopListening, takeBackDeadline }: Waiter): void => {
  stopListening()
  takeBackDeadline?.()
}
