import { AssentError } from '../../errors.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Ticket } from './circuit.ts'
import { type Expiring, NOWHERE } from './deadlines.ts'
import type { ExchangeFailure, ExchangeListener } from './exchange.ts'
import type { Lane } from './lane.ts'
import type { Waiting } from './slots.ts'
import type { WrittenRequest } from './write-request.ts'

/** The text of the answer, or why there is none. */
export type CallOutcome = string | AssentError

/**
 * One call from its place in the queue to its answer, over as many exchanges as it takes. It ends once: by an answer, by a
 * failure, by its deadline, or because it is cut. The slot is given back when the connection is free again, not before.
 */
export class SubgraphCall implements ExchangeListener, Expiring, Waiting {
  readonly deadline: number
  place = NOWHERE
  private readonly lane: Lane
  private readonly request: WrittenRequest
  private readonly settle: (outcome: CallOutcome) => void
  private retriesLeft: number
  private isOver = false
  private ticket: Ticket | undefined
  private retryTimer: NodeJS.Timeout | undefined
  private cutExchange = NOTHING

  constructor(lane: Lane, request: WrittenRequest, settle: (outcome: CallOutcome) => void) {
    this.lane = lane
    this.request = request
    this.settle = settle
    this.retriesLeft = request.isRepeatable ? lane.retries : 0
    this.deadline = performance.now() + lane.timeoutMs
  }

  start(): void {
    this.lane.deadlines.add(this)
    if (this.request.isRepeatable) this.lane.budget.deposit()
    this.enter()
  }

  /** Nobody waits for it any more. */
  cut(): void {
    if (this.isOver) return
    this.end()
    const ticket = this.takeTicket()
    if (ticket !== undefined) this.lane.circuit.abandoned(ticket)
    this.cutExchange()
  }

  expire(): void {
    if (this.isOver) return
    const ticket = this.takeTicket()
    if (ticket !== undefined) this.lane.circuit.broke(ticket)
    this.fail('SUBGRAPH_TIMEOUT')
    this.cutExchange()
  }

  answered(text: string, status: number): void {
    const isUnavailable = UNAVAILABLE.has(status)
    this.exchangeEnded(!isUnavailable)
    if (this.isOver || (isUnavailable && this.triesAgain())) return
    this.finish(text)
  }

  mayLeave(): boolean {
    return this.request.mayLeave()
  }

  failed({ code, isSilent, status, cause }: ExchangeFailure): void {
    if (code === 'CONSENT_OVERTAKEN') return this.overtaken()
    const isUnavailable = UNAVAILABLE.has(status)
    this.exchangeEnded(code === 'SUBGRAPH_RESPONSE_INVALID' && status < 500)
    if (this.isOver) return
    // After the first byte of an answer, nobody knows what the subgraph has done.
    if ((isUnavailable || (isSilent && code === 'SUBGRAPH_UNREACHABLE')) && this.triesAgain()) return
    this.fail(code, cause)
  }

  /** It never left, and that says nothing about the subgraph. */
  private overtaken(): void {
    const ticket = this.takeTicket()
    if (ticket !== undefined) this.lane.circuit.abandoned(ticket)
    this.lane.slots.give()
    this.fail('CONSENT_OVERTAKEN')
  }

  private enter(): void {
    const { circuit, slots, tell } = this.lane
    if (circuit.isOpen) return this.fail('SUBGRAPH_CIRCUIT_OPEN')
    if (slots.take(this)) return
    tell('shed')
    this.fail('SUBGRAPH_BUSY')
  }

  /** There is a slot for it. */
  run(): void {
    const { circuit, slots, wire } = this.lane
    const leftMs = this.deadline - performance.now()
    // Where the process stood still the timer is late, too: what was decided before is not sent any more.
    if (leftMs <= 0) {
      this.fail('SUBGRAPH_TIMEOUT')
      return slots.give()
    }
    this.ticket = circuit.admit()
    if (this.ticket === undefined) {
      this.fail('SUBGRAPH_CIRCUIT_OPEN')
      return slots.give()
    }
    const { request } = this
    this.cutExchange = wire.post(request.headers(leftMs), request.body, this)
  }

  private exchangeEnded(hasWorked: boolean): void {
    const { circuit, slots } = this.lane
    const ticket = this.takeTicket()
    if (ticket !== undefined && hasWorked) circuit.worked(ticket)
    else if (ticket !== undefined) circuit.broke(ticket)
    slots.give()
  }

  /** With jitter, so that those who failed together do not come back together. */
  private triesAgain(): boolean {
    const delayMs = Math.random() * MOST_DELAY_MS
    const isInTime = performance.now() + delayMs < this.deadline
    if (this.retriesLeft === 0 || !isInTime || !this.lane.budget.withdraw()) return false
    this.retriesLeft--
    this.lane.tell('retry')
    this.retryTimer = setTimeout(() => this.enter(), delayMs)
    return true
  }

  private fail(code: ErrorCode, cause?: unknown): void {
    // The cause may name host and port; it goes to the log, never into the message.
    this.finish(new AssentError(code, this.lane.subgraph, cause === undefined ? {} : { cause }))
  }

  private finish(outcome: CallOutcome): void {
    if (this.isOver) return
    this.end()
    this.settle(outcome)
  }

  private end(): void {
    this.isOver = true
    this.lane.deadlines.remove(this)
    this.lane.slots.leave(this)
    clearTimeout(this.retryTimer)
  }

  /** What becomes of an exchange is said to the circuit once. */
  private takeTicket(): Ticket | undefined {
    const { ticket } = this
    this.ticket = undefined
    return ticket
  }
}

/** What stands in front of the subgraph says that it is not there (RFC 9110 §15.6.3–15.6.5). */
const UNAVAILABLE: ReadonlySet<number> = new Set([502, 503, 504])

const MOST_DELAY_MS = 50

const NOTHING = (): void => undefined
