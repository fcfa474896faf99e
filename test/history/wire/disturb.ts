import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { Place } from './network.ts'

export interface Disturbing {
  readonly random: Random
  readonly isOver: () => boolean
  /** What may happen, the more often the more often it is named. */
  readonly things: readonly Thing[]
  /** How long one of them lasts at most, in milliseconds. */
  readonly longestMs: number
  /** How often each thing happened. */
  readonly happened: Map<Thing, number>
  /** One process at a time is started anew: that takes as much as a thousand questions. */
  isStarting: boolean
}

export type Thing = 'stopped' | 'deaf' | 'held up' | 'cut off' | 'clock set' | 'killed'

/** What happens to a process and on its ways, one thing after another. In the end it runs, and nothing is held up. */
export const disturb = async (place: Place, disturbing: Disturbing): Promise<void> => {
  const { random, isOver, things, happened } = disturbing
  while (!isOver()) {
    await pause(random.below(2_000))
    const thing = random.of(things)
    if (isOver() || (thing === 'killed' && disturbing.isStarting)) continue
    await THINGS[thing](place, disturbing)
    happened.set(thing, (happened.get(thing) ?? 0) + 1)
  }
}

const THINGS: Readonly<Record<Thing, (place: Place, disturbing: Disturbing) => Promise<void>>> = {
  async stopped(place, disturbing) {
    const stopped = place.process()
    place.stops += 1
    stopped?.stop()
    await forAWhile(disturbing)
    place.stops += 1
    stopped?.goOn()
  },
  async 'held up'({ ways }, disturbing) {
    const { random } = disturbing
    const way = random.of(ways)
    way.hold(random.of([['there'], ['back'], ['there', 'back']] as const))
    await forAWhile(disturbing)
    way.letGo()
  },
  /** It hears nothing of whoever knows what was said: the first of its ways. */
  async deaf({ ways }, disturbing) {
    const [way] = ways
    way?.hold(['there', 'back'])
    await forAWhile(disturbing)
    way?.letGo()
  },
  'cut off': async ({ ways }, { random }) => random.of(ways).reset(),
  async 'clock set'(place, disturbing) {
    place.process()?.tell({ skewMs: disturbing.random.of(SKEWS) })
    await forAWhile(disturbing)
    place.process()?.tell({ skewMs: 0 })
  },
  async killed(place, disturbing) {
    disturbing.isStarting = true
    await place.restart()
    disturbing.isStarting = false
  },
}

const forAWhile = ({ random, longestMs }: Disturbing): Promise<void> => pause(100 + random.below(longestMs))

/** With a clock that is an hour off a gateway is not believed by the consent service, and answers nothing protected. */
const SKEWS = [100, -100, 2_000, -2_000, 3_600_000, -3_600_000]
