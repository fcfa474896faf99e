import type { KeyObject } from 'node:crypto'
import { connectPostgres, migrate, openPglite } from '../subgraphs/database.ts'
import { createWebhookSender } from '../subgraphs/delivery/webhook-sender.ts'
import type { Log } from '../subgraphs/log.ts'
import { createRegistry } from './registry.ts'
import type { RegistrySettings } from './registry-settings.ts'
import { registryRoutes } from './routes.ts'
import { serveRegistry } from './serve-registry.ts'
import { createSqlRegistryStore, registryMigration } from './sql-registry-store.ts'
import { tellConsumers } from './tell-consumers.ts'
import { createWaitingRoom } from './waiting-room.ts'
import { createWhoAsks } from './who-asks.ts'

export interface OpenRegistryOptions {
  readonly settings: RegistrySettings
  /** The private key that supergraphs are signed with. */
  readonly key: KeyObject
  /** A directory of the embedded database; without it and a server, everything is kept in memory. */
  readonly dataDir?: string
  readonly postgresUrl?: string
  readonly host: string
  readonly port: number
  readonly clock: () => number
  readonly log: Log
}

const MOST_WAITING = 1_000
const LOOK_MS = 1_000
const TELL_MS = 1_000

/** A registry that listens. */
export const openRegistry = async (
  options: OpenRegistryOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const { settings, key, clock, log, postgresUrl, dataDir } = options
  const engine = await (postgresUrl === undefined
    ? openPglite(dataDir === undefined ? {} : { dataDir })
    : connectPostgres(postgresUrl))
  try {
    await migrate(engine, [registryMigration])
    const store = createSqlRegistryStore(engine.database(registryMigration))
    const room = createWaitingRoom({ most: MOST_WAITING, lookMs: LOOK_MS, look: () => store.tags() })
    const registry = createRegistry({ ...settings, store, clock, onMove: (tag) => room.ring(tag) })
    const app = serveRegistry(
      registryRoutes({ registry, room, key, clock, whoAsks: createWhoAsks(settings.holders) }),
      log,
    )
    const url = await app.listen({ host: options.host, port: options.port })
    const telling = startTelling(
      () =>
        tellConsumers({
          store,
          clock,
          random: Math.random,
          consumers: settings.consumers.map((one) => ({
            ...one,
            sender: createWebhookSender({ ...one, timeoutMs: 10_000, clock }),
          })),
        }),
      log,
    )
    return {
      url,
      async close() {
        room.close()
        await telling.stop()
        await app.close()
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

const startTelling = (tell: () => Promise<number>, log: Log): { stop(): Promise<void> } => {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let under: Promise<void> = Promise.resolve()
  const round = async (): Promise<void> => {
    await tell().catch((error: Error) =>
      log({ error: error.name }, 'Notices of the registry wait for the store.'),
    )
    if (!isStopped) timer = setTimeout(() => void (under = round()), TELL_MS).unref()
  }
  under = round()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await under
    },
  }
}
