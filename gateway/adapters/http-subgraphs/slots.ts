/** A call that takes a slot: `run` is when it has one. */
export interface Waiting {
  run(): void
}

/** How many may be under way at once, and how many may wait for it (OWASP API4: unrestricted resource consumption). */
export class Slots {
  private readonly limit: number
  private readonly mostWaiting: number
  private readonly waiting = new Set<Waiting>()
  private taken = 0
  private isHandingOut = false

  constructor(limit: number, mostWaiting: number) {
    this.limit = limit
    this.mostWaiting = mostWaiting
  }

  /** Runs it now or in its turn, and it must then `give` the slot back. False when too many wait already. */
  take(one: Waiting): boolean {
    if (this.taken < this.limit && this.waiting.size === 0) {
      this.taken++
      one.run()
      return true
    }
    if (this.waiting.size >= this.mostWaiting) return false
    this.waiting.add(one)
    return true
  }

  leave(one: Waiting): void {
    this.waiting.delete(one)
  }

  /** In a loop, not in one another: a whole queue may fail at once. */
  give(): void {
    this.taken--
    if (this.isHandingOut) return
    this.isHandingOut = true
    for (const one of this.waiting) {
      if (this.taken >= this.limit) break
      this.waiting.delete(one)
      this.taken++
      one.run()
    }
    this.isHandingOut = false
  }
}
