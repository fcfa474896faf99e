/** Time that passes when a test says so. Whoever pauses is idle; a test waits for that and then lets time go on. */
export class VirtualTime {
  now: number
  #waiting = new Set<{ readonly at: number; readonly wake: () => void }>()
  #watchers: (() => void)[] = []
  readonly #loops: number

  /** `loops`: how many pause; only when all of them do is everything idle. */
  constructor(now: number, loops = 1) {
    this.now = now
    this.#loops = loops
  }

  readonly clock = (): number => this.now

  readonly pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const entry = {
        at: this.now + ms,
        wake: () => {
          signal.removeEventListener('abort', entry.wake)
          this.#waiting.delete(entry)
          resolve()
        },
      }
      signal.addEventListener('abort', entry.wake, { once: true })
      this.#waiting.add(entry)
      if (this.#waiting.size >= this.#loops) for (const watcher of this.#watchers.splice(0)) watcher()
    })

  async idle(): Promise<void> {
    if (this.#waiting.size >= this.#loops) return
    await new Promise<void>((resolve) => this.#watchers.push(resolve))
  }

  /** In steps as small as somebody's pause, until `ms` are over and everything is idle again. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    await this.idle()
    while (this.now < end) {
      const next = Math.min(end, ...[...this.#waiting].map(({ at }) => at))
      this.now = Math.max(this.now, next)
      const due = [...this.#waiting].filter(({ at }) => at <= this.now)
      for (const { wake } of due) wake()
      // oxlint-disable-next-line no-await-in-loop -- one step behind the other
      await this.idle()
    }
  }
}
