import { sql } from 'kysely'
import { subgraphKey } from '../../../gateway/adapters/grant-signer.ts'
import type { Refusal } from '../../../subgraphs/grant-verifier.ts'
import { RECEIPT_SECRETS } from '../../support/receipts.ts'
import type { Engine } from '../../../subgraphs/database.ts'
import { createHistory, createStamp, type History } from '../history.ts'
import type { Random } from '../random.ts'
import { openRecordingSubgraphs, type RecordingSubgraphs } from './recording-subgraphs.ts'
import { type OwnProcess, startProcess } from './own-process.ts'
import { SECRET, startGatewayProcess } from './start-gateway.ts'
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts'

export interface NetworkOptions {
  readonly random: Random
  /** The url of a PostgreSQL database of our own, and the same for us. */
  readonly database: string
  readonly engine: Engine
  /** What is broken in the gateways. */
  readonly before?: readonly URL[]
}

/** Gateways and replicas of the consent service as processes, with proxies on every way between them. */
export interface Network {
  readonly gateways: readonly Place[]
  readonly replicas: readonly Place[]
  readonly history: History
  readonly stamp: () => number
  readonly refusals: Refusal[]
  /** Of each statement, the revision that it was written with. */
  revisions(): Promise<ReadonlyMap<string, string>>
  close(): Promise<void>
}

/** Where a process runs; one that is killed is followed by another. */
export interface Place {
  readonly name: string
  /** Null while there is none. */
  process(): OwnProcess | null
  restart(): Promise<void>
  /** Ways to others: the consent service and the subgraphs, or the database. */
  readonly ways: readonly TcpProxy[]
  /** Counts the times it was stopped and went on. */
  stops: number
}

const GATEWAYS = ['one', 'two', 'three']
const REPLICAS = ['left', 'right']

export const openNetwork = async (options: NetworkOptions): Promise<Network> => {
  const { engine } = options
  const opened: Opened = {
    ...options,
    history: createHistory(),
    stamp: createStamp(),
    refusals: [],
    closers: [],
    replicas: [],
  }
  const replicas = await Promise.all(REPLICAS.map((name) => openReplica(name, opened)))
  opened.replicas.push(...replicas)
  const gateways = await Promise.all(GATEWAYS.map((name) => openGateway(name, opened)))
  return {
    ...opened,
    gateways,
    replicas,
    async revisions() {
      const { rows } = await sql<{ statement: string; revision: string }>`
        select statement, revision::text as revision from consent.change where statement is not null`.execute(
        engine.admin,
      )
      return new Map(rows.map(({ statement, revision }) => [statement, revision]))
    },
    async close() {
      await Promise.all([...gateways, ...replicas].map(async (place) => place.process()?.kill()))
      await Promise.all(opened.closers.map((close) => close()))
    },
  }
}

interface Opened extends NetworkOptions, Pick<Network, 'history' | 'stamp' | 'refusals'> {
  readonly closers: (() => Promise<void>)[]
  readonly replicas: Place[]
}

const openReplica = async (name: string, opened: Opened): Promise<Place> => {
  const database = new URL(opened.database)
  const way = await wayTo(() => Number(database.port), opened)
  const args = [
    Object.assign(new URL(database), { port: String(way.port) }).href,
    subgraphKey(SECRET, 'consent'),
    JSON.stringify(RECEIPT_SECRETS),
  ]
  const file = new URL('./replica-program.ts', import.meta.url)
  return openPlace(name, [way], () => startProcess({ file, args }))
}

const openGateway = async (name: string, opened: Opened): Promise<Place> => {
  const { random, replicas, history, refusals, before = [] } = opened
  // As behind a balancer: each connection goes to any replica that is there.
  const consent = await wayTo(() => {
    const running = replicas.flatMap((replica) => replica.process() ?? [])
    return running.length === 0 ? null : Number(new URL(random.of(running).url).port)
  }, opened)
  const subgraphs: RecordingSubgraphs = await openRecordingSubgraphs({
    secret: SECRET,
    onAnswered: (port, carried) =>
      void history.requests.push({ gateway: name, at: way.arrivedAt(port) ?? 0, carried }),
    onRefused: (refusal) => void refusals.push(refusal),
  })
  opened.closers.push(() => subgraphs.close())
  const way: TcpProxy = await wayTo(() => subgraphs.port, opened)
  const start = (): Promise<OwnProcess> =>
    startGatewayProcess({ subgraphsPort: way.port, consentPort: consent.port, before })
  return openPlace(name, [consent, way], start)
}

const wayTo = async (target: () => number | null, { stamp, closers }: Opened): Promise<TcpProxy> => {
  const way = await openTcpProxy({ target, stamp })
  closers.push(() => way.close())
  return way
}

const openPlace = async (
  name: string,
  ways: readonly TcpProxy[],
  start: () => Promise<OwnProcess>,
): Promise<Place> => {
  let process: OwnProcess | null = await start()
  return {
    name,
    ways,
    stops: 0,
    process: () => process,
    async restart() {
      const killed = process
      process = null
      await killed?.kill()
      process = await start()
    },
  }
}
