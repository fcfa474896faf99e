import { CircuitState, CountBreaker } from 'cockatiel'

export interface CircuitOptions {
  /** More failures than this among the latest calls open the circuit. */
  readonly errorPercent: number
  /** Fewer calls than this say nothing; twice as many are looked at. 0: the circuit never opens. */
  readonly volume: number
  /** Milliseconds until one call may try again. */
  readonly openMs: number
}

/** What a call was let through with; what becomes of it counts only if the circuit has not changed since. */
export type Ticket = number

/**
 * Calls nobody whose latest calls failed, until one call has tried and been answered. The window is counted, not timed, so
 * that a subgraph that is seldom asked is judged by as many calls as one that is asked often.
 */
export class Circuit {
  private readonly options: CircuitOptions
  private readonly window: CountBreaker | null
  private readonly onChange: (change: 'open' | 'close') => void
  private state: 'closed' | 'open' | 'probing' = 'closed'
  private probeAt = 0
  private current: Ticket = 0

  constructor(options: CircuitOptions, onChange: (change: 'open' | 'close') => void) {
    const { volume, errorPercent } = options
    this.options = options
    this.onChange = onChange
    this.window =
      volume === 0
        ? null
        : new CountBreaker({
            threshold: errorPercent / 100,
            size: 2 * volume,
            minimumNumberOfCalls: volume,
          })
  }

  get isOpen(): boolean {
    return this.state === 'probing' || (this.state === 'open' && performance.now() < this.probeAt)
  }

  /** Undefined when nothing may be sent. Otherwise exactly one of the following must be called with the ticket. */
  admit(): Ticket | undefined {
    if (this.isOpen) return undefined
    if (this.state === 'open') {
      this.state = 'probing'
      this.current++
    }
    return this.current
  }

  worked(ticket: Ticket): void {
    if (ticket !== this.current) return
    this.window?.success(this.state === 'probing' ? CircuitState.HalfOpen : CircuitState.Closed)
    if (this.state !== 'probing') return
    this.state = 'closed'
    this.onChange('close')
  }

  broke(ticket: Ticket): void {
    if (ticket !== this.current || this.window === null) return
    const isProbe = this.state === 'probing'
    if (!this.window.failure(isProbe ? CircuitState.HalfOpen : CircuitState.Closed)) return
    this.open(performance.now() + this.options.openMs)
    if (!isProbe) this.onChange('open')
  }

  /** Given up by who asked: says nothing about the subgraph, and the next one may try. */
  abandoned(ticket: Ticket): void {
    if (ticket === this.current && this.state === 'probing') this.open(0)
  }

  private open(probeAt: number): void {
    this.state = 'open'
    this.probeAt = probeAt
    this.current++
  }
}
