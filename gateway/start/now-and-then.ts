/** Tells at once, and what goes on no more than once in `everyMs`, with how often it happened since. */
export const nowAndThen = (
  clock: () => number,
  tell: (times: number) => void,
  everyMs = EVERY_MS,
): (() => void) => {
  let toldAt = Number.NEGATIVE_INFINITY
  let times = 0
  return () => {
    times += 1
    const now = clock()
    if (now - toldAt < everyMs) return
    tell(times)
    toldAt = now
    times = 0
  }
}

const EVERY_MS = 60_000
