import { pauseBehind } from '../subgraphs/delivery/retry.ts'
import type { Sender } from '../subgraphs/delivery/sender.ts'
import type { Delivery, Notice, RegistryStore } from './registry-store.ts'

export interface Telling {
  readonly store: Pick<RegistryStore, 'due' | 'settle'>
  readonly consumers: readonly {
    readonly name: string
    readonly owner: string | null
    readonly sender: Sender
  }[]
  readonly clock: () => number
  readonly random: () => number
}

const TERMS = { attempts: 16, firstMs: 1000, longestMs: 3_600_000 }
const MOST = 100

/** Brings notices that are due to whom they concern, at least once; resolves with how many were sent. */
export const tellConsumers = async ({ store, consumers, clock, random }: Telling): Promise<number> => {
  const sent = await Promise.all(
    consumers.map(async ({ name, owner, sender }) => {
      let count = 0
      for (const delivery of await store.due(name, clock(), MOST)) {
        if (!concerns(delivery.notice, owner)) {
          // eslint-disable-next-line no-await-in-loop -- in their order
          await store.settle(name, delivery, null)
          continue
        }
        count += 1
        // eslint-disable-next-line no-await-in-loop
        const outcome = await sender.send(delivery.notice, `registry-${delivery.position}-${name}`)
        const nextAt = outcome.isTaken ? null : again(delivery, clock(), random)
        // eslint-disable-next-line no-await-in-loop
        await store.settle(name, delivery, nextAt)
      }
      return count
    }),
  )
  return sent.reduce((sum, one) => sum + one, 0)
}

const again = ({ attempts }: Delivery, now: number, random: () => number): number | null =>
  attempts + 1 >= TERMS.attempts ? null : now + pauseBehind(attempts + 1, TERMS, random)

const concerns = (notice: Notice, owner: string | null): boolean => {
  if (owner === null) return true
  const { findings = [], approvals = [] } = notice as {
    findings?: readonly { readonly owner?: string }[]
    approvals?: readonly { readonly by?: string }[]
  }
  return findings.some((one) => one.owner === owner) || approvals.some(({ by }) => by === owner)
}
