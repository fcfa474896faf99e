import type { Random } from './random.ts'

/** Between one process and the others: messages take time, overtake each other, get lost. */
export interface Wire {
  /** Messages to it, and messages from it, are lost. */
  isDeaf: boolean
  isMute: boolean
  /** The process stands still: what arrives waits, while everybody else goes on. */
  stop(): void
  goOn(): void
  isStopped(): boolean
  /** The process is gone: nothing that it waited for ever comes. */
  end(): void
  /** Resolves when a message of this process has arrived elsewhere. */
  out(): Promise<void>
  /** Resolves when a message for it has arrived and it looks at it. */
  back(): Promise<void>
}

export const createWire = (random: Random): Wire => {
  let waiting: (() => void)[] = []
  const state = { isStopped: false, isOver: false }
  const travel = async (): Promise<void> => {
    const ms = random.chance(0.01) ? random.below(2_500) : 1 + random.below(random.chance(0.1) ? 80 : 8)
    await new Promise((resolve) => {
      setTimeout(resolve, ms)
    })
  }
  const wire: Wire = {
    isDeaf: false,
    isMute: false,
    stop: () => void (state.isStopped = true),
    goOn() {
      state.isStopped = false
      const all = waiting
      waiting = []
      for (const resume of all) resume()
    },
    isStopped: () => state.isStopped,
    end: () => void (state.isOver = true),
    async out() {
      if (state.isOver || wire.isMute || random.chance(LOST)) return never
      await travel()
    },
    async back() {
      if (wire.isDeaf || random.chance(LOST)) return never
      await travel()
      while (state.isStopped) await new Promise<void>((resolve) => waiting.push(resolve))
      if (state.isOver) await never
    },
  }
  return wire
}

const LOST = 0.002

const never = new Promise<never>(() => undefined)
