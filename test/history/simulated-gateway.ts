import { AssentError } from '../../gateway/errors.ts'
import type { LeasedConsent } from '../../gateway/lease/leased-consent.ts'
import type { SubgraphClient } from '../../gateway/ports.ts'
import type { Faults } from './faults.ts'
import { type Asked, gatewayShell } from './gateway-shell.ts'
import type { History, Register } from './history.ts'
import { peopleSubgraphs } from './people-subgraphs.ts'
import type { Random } from './random.ts'
import { leaseOver } from './simulated-lease.ts'
import type { Replica } from './simulated-service.ts'
import { createWire, type Wire } from './simulated-wire.ts'

export interface SimulatedGateway {
  readonly name: string
  wire(): Wire
  /** The process is killed, and another takes its place: it knows nothing. */
  restart(): void
  /** Its clock is set, to this much off the true time. */
  setClock(skewMs: number): void
  /** Resolves when the answer has left, with what it shows; null where it was withdrawn on its way. */
  ask(asked: Asked): Promise<Left | null>
}

export interface Left {
  readonly at: number
  readonly shown: readonly Register[]
}

export interface Around {
  readonly random: Random
  readonly replicas: readonly Replica[]
  readonly history: History
  readonly stamp: () => number
  readonly faults: Faults
}

/** The gateway as it is, before subgraphs and a consent service that are reached over a wire which may do anything. */
export const createSimulatedGateway = async (name: string, around: Around): Promise<SimulatedGateway> => {
  const { random, stamp, faults } = around
  const shell = await gatewayShell(name)
  let skewMs = 0
  let wire: Wire
  let leased: LeasedConsent
  const clock = (): number => Date.now() + skewMs
  const start = (): void => {
    wire = createWire(random)
    leased = leaseOver(wire, { ...around, clock })
  }
  start()
  shell.surround({
    clock,
    subgraphs: subgraphsOver(() => wire, name, around),
    consent: {
      known: (subject, context) => leased.known(subject, context),
      load: (subjects, context) => leased.load(subjects, context),
      changes: {
        holds: () => leased.changes.holds(),
        position: () => leased.changes.position(),
        after: (position) => leased.changes.after(position),
        reach: (revision) => leased.changes.reach(revision),
      },
    },
  })
  return {
    name,
    wire: () => wire,
    restart() {
      wire.end()
      const gone = leased
      start()
      void gone.close()
    },
    setClock: (ms) => void (skewMs = ms),
    async ask(asked) {
      const mine = wire
      const result = await shell.ask(asked)
      // The door is busy with others.
      if (random.chance(0.5)) await mine.back()
      if (mine !== wire || (faults.looksAtAnswers && result.mayLeave?.() === false)) return null
      return { at: stamp(), shown: shownIn(result.data?.text ?? '') }
    },
  }
}

/** Every value names its person and its field. */
const shownIn = (text: string): Register[] => {
  const shown = new Map<string, Register>()
  for (const [, person = '', field = ''] of text.matchAll(/canary:(\w+):(\w+)/g))
    for (const scope of SCOPES[field] ?? []) shown.set(`${person} ${scope}`, { person, scope })
  return [...shown.values()]
}

const SCOPES: Readonly<Record<string, readonly string[]>> = {
  email: ['contact'],
  vector: ['profiling'],
  churn: ['contact', 'profiling'],
}

const subgraphsOver = (
  wire: () => Wire,
  gateway: string,
  { history, stamp, faults }: Around,
): SubgraphClient => ({
  async send(request) {
    const mine = wire()
    // Waiting for a connection.
    await mine.back()
    if (faults.looksAtConnections && request.mayLeave?.() === false)
      throw new AssentError('CONSENT_OVERTAKEN', request.subgraph)
    const { carried, response } = peopleSubgraphs(request)
    if (carried.length > 0) history.requests.push({ gateway, at: stamp(), carried })
    await mine.out()
    await mine.back()
    return response
  },
})
