import { AssentError } from '../../gateway/errors.ts'
import type { LeasedConsent } from '../../gateway/lease/leased-consent.ts'
import type { SubgraphClient } from '../../gateway/ports.ts'
import type { Faults } from './faults.ts'
import { type Asked, gatewayShell, type GatewayShell } from './gateway-shell.ts'
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

interface Process {
  readonly wire: Wire
  readonly leased: LeasedConsent
  readonly shell: GatewayShell
}

/** The gateway as it is, before subgraphs and a consent service that are reached over a wire which may do anything. */
export const createSimulatedGateway = async (name: string, around: Around): Promise<SimulatedGateway> => {
  const { random, stamp, faults } = around
  // What a process had under way dies with it: the next one has another shell.
  const shells = [await gatewayShell(name), await gatewayShell(`${name} again`)]
  let [starts, skewMs] = [0, 0]
  const clock = (): number => Date.now() + skewMs
  const start = (): Process => {
    const wire = createWire(random)
    const leased = leaseOver(wire, { ...around, clock })
    const shell = shells[(starts += 1) % 2] as GatewayShell
    shell.surround({
      clock,
      consent: leased,
      subgraphs: subgraphsOver(() => wire, name, around),
    })
    return { wire, leased, shell }
  }
  let running = start()
  return {
    name,
    wire: () => running.wire,
    restart() {
      running.wire.end()
      const { leased } = running
      running = start()
      void leased.close()
    },
    setClock: (ms) => void (skewMs = ms),
    async ask(asked) {
      const mine = running
      const result = await mine.shell.ask(asked)
      // The door is busy with others.
      if (random.chance(0.5)) await mine.wire.back()
      if (mine !== running || (faults.looksAtAnswers && result.mayLeave?.() === false)) return null
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
