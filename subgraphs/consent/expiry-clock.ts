/** The latest time that was ever shown, where it outlives the process. */
export interface TimeMark {
  /** 0 where there is none. */
  read(): Promise<number>
  /** A mark that is later already stays. */
  raise(at: number): Promise<void>
}

export interface ExpiryClockOptions {
  /** The clock of the machine, in milliseconds since the epoch. */
  readonly clock: () => number
  /** Milliseconds that never step. */
  readonly monotonic?: () => number
  /** What was shown before this process began, by whichever replica of the service. */
  readonly floor?: number
  /** Told now and then of what is shown. */
  readonly raise?: (at: number) => Promise<void>
}

const RAISED_EVERY_MS = 5_000

/**
 * What consent runs out by. What has run out does not come back when the clock of the machine is set back: while the process
 * lasts this clock goes on by the one that never steps, and after a start it stands where it last was until the machine's is
 * there, too.
 */
export function createExpiryClock({
  clock,
  monotonic = () => performance.now(),
  floor = 0,
  raise,
}: ExpiryClockOptions): () => number {
  let [shown, at] = [Number.NEGATIVE_INFINITY, 0]
  let raised = floor
  return () => {
    const elapsed = monotonic()
    shown = Math.max(clock(), shown + (elapsed - at))
    at = elapsed
    const now = Math.max(Math.floor(shown), floor)
    if (raise !== undefined && now - raised >= RAISED_EVERY_MS) {
      raised = now
      raise(now).catch(() => undefined)
    }
    return now
  }
}

/** The same, from where the mark of all replicas stands; what is shown here moves it. */
export async function openExpiryClock(clock: () => number, mark: TimeMark): Promise<() => number> {
  return createExpiryClock({ clock, floor: await mark.read(), raise: (at) => mark.raise(at) })
}
