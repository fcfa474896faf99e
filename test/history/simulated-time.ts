/** The time of the whole process, which goes on only when it is told to: timers, dates and the clock that never steps. */
export interface SimulatedTime {
  /** Runs what is due next, at its time; false where nothing is. */
  next(): boolean
  /** Everything is as it was, and no timer that was set ever fires. */
  restore(): void
}

/** Where the clock that never steps begins: the same for the same seed. */
const BEGAN = 1_000_000

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export const takeTime = (noon: number): SimulatedTime => {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
  const real = { setTimeout, clearTimeout, setInterval, clearInterval }
  const [monotonic, date] = [performance.now.bind(performance), Date.now.bind(Date)]
  const queue: Timer[] = []
  const gone = new Set<object>()
  let [now, order] = [0, 0]
  const after = (ms: number, run: () => void): object => {
    order += 1
    const handle = { unref: () => handle, ref: () => handle }
    add(queue, { at: now + Math.max(ms, 0), order, run: () => void (gone.delete(handle) || run()) })
    return handle
  }
  const every = (ms: number, run: () => void): object => {
    const handle = {}
    const again = (): void => {
      if (gone.delete(handle)) return
      run()
      after(ms, again)
    }
    after(ms, again)
    return handle
  }
  const cancel = (handle: unknown): void => {
    if (typeof handle === 'object' && handle !== null) gone.add(handle)
  }
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0) => after(ms, run),
    setInterval: (run: () => void, ms = 0) => every(ms, run),
    clearTimeout: cancel,
    clearInterval: cancel,
  })
  performance.now = () => BEGAN + now
  Date.now = () => noon + Math.floor(now)
  return {
    next() {
      const timer = take(queue)
      if (timer === undefined) return false
      now = Math.max(now, timer.at)
      timer.run()
      return true
    },
    restore() {
      Object.assign(globalThis, real)
      performance.now = monotonic
      Date.now = date
    },
  }
}

const isSooner = (one: Timer | undefined, other: Timer | undefined): boolean => {
  if (one === undefined || other === undefined) return one !== undefined
  return one.at === other.at ? one.order < other.order : one.at < other.at
}

/** A binary heap: there are many timers, and most are cancelled. */
const add = (queue: Timer[], timer: Timer): void => {
  let place = queue.push(timer) - 1
  while (place > 0 && isSooner(timer, queue[(place - 1) >> 1])) {
    const parent = (place - 1) >> 1
    queue[place] = queue[parent] as Timer
    place = parent
  }
  queue[place] = timer
}

const take = (queue: Timer[]): Timer | undefined => {
  const [first] = queue
  const last = queue.pop()
  if (first === undefined || last === undefined || queue.length === 0) return first
  let place = 0
  for (;;) {
    const [left, right] = [2 * place + 1, 2 * place + 2]
    const child = isSooner(queue[right], queue[left]) ? right : left
    if (child >= queue.length || isSooner(last, queue[child])) break
    queue[place] = queue[child] as Timer
    place = child
  }
  queue[place] = last
  return first
}
