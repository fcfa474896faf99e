import { RegistryError } from './registry-error.ts'

/** Who waits for tags to move. */
export interface WaitingRoom {
  /** Resolves when a tag may have moved, or the time is over. Throws `REGISTRY_BUSY` when too many wait. */
  wait(tag: string, ms: number, gone: AbortSignal): Promise<void>
  ring(tag: string): void
  close(): void
}

export interface WaitingRoomOptions {
  readonly most: number
  /** What another replica has moved is looked for this often, as long as somebody waits. */
  readonly lookMs: number
  readonly look: () => Promise<readonly { readonly tag: string; readonly sequence: number }[]>
}

export const createWaitingRoom = ({ most, lookMs, look }: WaitingRoomOptions): WaitingRoom => {
  const waiting = new Map<string, Set<() => void>>()
  const seen = new Map<string, number>()
  let count = 0
  let timer: NodeJS.Timeout | undefined
  const ring = (tag: string): void => {
    for (const wake of waiting.get(tag) ?? []) wake()
  }
  const lookAround = async (): Promise<void> => {
    try {
      for (const { tag, sequence } of await look()) {
        if (seen.get(tag) !== undefined && seen.get(tag) !== sequence) ring(tag)
        seen.set(tag, sequence)
      }
    } catch {
      // Who waits asks again when its time is over, and is told then that the store is away.
    }
    timer = count > 0 ? setTimeout(() => void lookAround(), lookMs).unref() : undefined
  }
  return {
    ring,
    async wait(tag, ms, gone) {
      if (count >= most) throw new RegistryError('REGISTRY_BUSY', 'wait')
      if (gone.aborted) return
      const set = waiting.get(tag) ?? new Set<() => void>()
      waiting.set(tag, set)
      count += 1
      timer ??= setTimeout(() => void lookAround(), lookMs).unref()
      let wake: () => void = () => undefined
      const woken = new Promise<void>((resolve) => (wake = resolve))
      set.add(wake)
      const over = setTimeout(wake, ms)
      gone.addEventListener('abort', wake, { once: true })
      await woken
      clearTimeout(over)
      gone.removeEventListener('abort', wake)
      set.delete(wake)
      if (set.size === 0) waiting.delete(tag)
      count -= 1
    },
    close() {
      clearTimeout(timer)
      for (const tag of waiting.keys()) ring(tag)
    },
  }
}
