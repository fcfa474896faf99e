import { type Faults, NO_FAULTS } from './faults.ts'
import { createHistory, createStamp, type History, type Statement } from './history.ts'
import { createRandom, type Random } from './random.ts'
import { gatewayShell, VALUES } from './gateway-shell.ts'
import { createSimulatedGateway, type SimulatedGateway } from './simulated-gateway.ts'
import { createSimulatedService, type Replica } from './simulated-service.ts'
import { type SimulatedTime, takeTime } from './simulated-time.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Things that clients do, all together. */
  readonly operations: number
  readonly faults?: Partial<Faults>
  /** Ends it early. */
  readonly isEnough?: (history: History) => boolean
}

export interface Simulated {
  readonly history: History
  readonly operations: number
  /** Milliseconds of simulated time. */
  readonly ms: number
}

const NOON = Date.UTC(2026, 0, 15, 12)
const GATEWAYS = ['one', 'two', 'three']
const REPLICAS = 2
const SESSIONS = 40
const PEOPLE = ['ada', 'bo', 'cyd', 'dee']
const SCOPES = ['contact', 'profiling']

interface Running {
  readonly random: Random
  readonly history: History
  readonly stamp: () => number
  readonly gateways: readonly SimulatedGateway[]
  readonly replicas: readonly Replica[]
  readonly waits: boolean
  readonly busy: Set<string>
  left: number
}

/**
 * Clients that ask and change their minds, several gateways and several replicas of the consent service, in one process and in
 * a time of its own: the same seed is the same history.
 */
export const simulate = async (options: SimulationOptions): Promise<Simulated> => {
  for (const name of GATEWAYS) for (const one of [name, `${name} again`]) await gatewayShell(one)
  const time = takeTime(NOON)
  try {
    const running = await begin(options)
    const began = performance.now()
    const underWay = new Set(Array.from({ length: SESSIONS }, (_, session) => session))
    for (const session of underWay) void takePart(running).finally(() => underWay.delete(session))
    for (const gateway of running.gateways) void disturb(gateway, running)
    void restartReplicas(running)
    const isUnderWay = (): boolean => underWay.size > 0
    for (let turns = 1; await severalSteps(time, isUnderWay); turns += 1)
      if (turns % 40 === 0 && options.isEnough?.(running.history) === true) break
    const { history, left } = running
    running.left = 0
    return { history, operations: options.operations - left, ms: performance.now() - began }
  } finally {
    time.restore()
  }
}

const begin = async ({ seed, operations, faults: some }: SimulationOptions): Promise<Running> => {
  const random = createRandom(seed)
  const faults = { ...NO_FAULTS, ...some }
  const { replicas } = createSimulatedService(random, REPLICAS)
  const around = { random, replicas, history: createHistory(), stamp: createStamp(), faults }
  const gateways = await Promise.all(GATEWAYS.map((name) => createSimulatedGateway(name, around)))
  return { ...around, gateways, waits: faults.waits, busy: new Set(), left: operations }
}

/**
 * Between one timer and the next everything happens that does not wait for time: promises are settled behind each callback.
 * Many at once, for the event loop looks at every connection when it comes round. False where it has come to its end.
 */
const severalSteps = (time: SimulatedTime, isUnderWay: () => boolean): Promise<boolean> =>
  new Promise((resolve) => {
    let goesOn = true
    const step = (): void => {
      goesOn &&= isUnderWay() && time.next()
    }
    for (let steps = 0; steps < STEPS_AT_ONCE; steps += 1) setImmediate(step)
    setImmediate(() => resolve(goesOn))
  })

const STEPS_AT_ONCE = 50

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

const within = async <Answer>(ms: number, answer: Promise<Answer>): Promise<Answer | null> =>
  Promise.race([answer.catch(() => null), pause(ms).then(() => null)])

/** One client after the other thing it does; it goes from gateway to gateway and from replica to replica. */
const takePart = async (running: Running): Promise<void> => {
  const { random } = running
  let known: string | null = null
  while (running.left > 0) {
    running.left -= 1
    if (random.chance(0.12)) known = newest(known, await speak(running))
    else await ask(running, random.chance(0.5) ? known : null)
    await pause(random.below(20))
  }
}

const newest = (one: string | null, other: string | null): string | null =>
  other === null || (one !== null && Number(one) > Number(other)) ? one : other

const ask = async (
  { random, gateways, history, stamp }: Running,
  notBefore: string | null,
): Promise<void> => {
  const gateway = random.of(gateways)
  const persons = PEOPLE.filter(() => random.chance(0.4))
  const values = random.of(VALUES)
  const start = stamp()
  const asking = gateway.ask({ persons: persons.length > 0 ? persons : ['ada'], values, notBefore })
  const left = await within(8_000, asking)
  if (left !== null)
    history.answers.push({ gateway: gateway.name, start, end: left.at, notBefore, shown: left.shown })
}

/** Says yes or no, and returns the revision where it was told. */
const speak = async (running: Running): Promise<string | null> => {
  const { random, history, stamp, replicas, busy } = running
  const [person, scope] = [random.of(PEOPLE), random.of(SCOPES)]
  // Now and then two people speak for the same person at once.
  if (busy.has(`${person} ${scope}`) && random.chance(0.8)) return null
  busy.add(`${person} ${scope}`)
  const status = random.chance(0.5) ? 'given' : 'withdrawn'
  const expiresAt = status === 'given' && random.chance(0.3) ? Date.now() + 300 + random.below(4_000) : null
  const forever = Number.POSITIVE_INFINITY
  const statement: Statement = {
    person,
    scope,
    status,
    start: stamp(),
    end: forever,
    effective: forever,
    revision: null,
    expiresAt: expiresAt === null ? forever : performance.now() + (expiresAt - Date.now()),
  }
  history.statements.push(statement)
  const replica = random.of(replicas)
  const revision = await within(5_000, replica.write({ pid: person, scope, status, expiresAt }))
  statement.revision = revision
  if (revision !== null) statement.end = stamp()
  busy.delete(`${person} ${scope}`)
  if (revision !== null && status === 'withdrawn') await untilEffective(running, replica, statement)
  return revision
}

const untilEffective = async (
  { waits, stamp }: Running,
  replica: Replica,
  statement: Statement,
): Promise<void> => {
  if (!waits) return void (statement.effective = stamp())
  const waiting = replica.waitFor(statement.revision ?? '').then((effect) => {
    if (effect.effective === 'EFFECTIVE') statement.effective = stamp()
  })
  await within(8_000, waiting)
}

/** What happens to a gateway, one thing after another. */
const disturb = async (gateway: SimulatedGateway, running: Running): Promise<void> => {
  const { random } = running
  const things: readonly (() => Promise<void>)[] = [
    async () => {
      const wire = gateway.wire()
      wire.stop()
      await pause(100 + random.below(3_000))
      wire.goOn()
    },
    async () => {
      const wire = gateway.wire()
      if (random.chance(0.7)) wire.isDeaf = true
      if (random.chance(0.7)) wire.isMute = true
      await pause(100 + random.below(3_000))
      wire.isDeaf = false
      wire.isMute = false
    },
    async () => gateway.restart(),
    async () => gateway.setClock(random.of([0, 1, -1, 0.01, -0.01]) * 3_600_000),
  ]
  while (running.left > 0) {
    await pause(random.below(3_000))
    await random.of(things)()
  }
}

const restartReplicas = async (running: Running): Promise<void> => {
  while (running.left > 0) {
    await pause(1_000 + running.random.below(6_000))
    running.random.of(running.replicas).restart()
  }
}
