import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import neo4j from 'neo4j-driver'
import { type ChildService, LOOPBACK, accepts, freePort, startChild, untilReady } from './child-service.ts'
import { cached } from './download-cache.ts'
import { runTool } from './run-tool.ts'

export interface Neo4jService {
  readonly pid: number
  readonly url: string
  readonly user: string
  readonly password: string
  readonly stop: () => Promise<void>
  /** Kills it on the spot and starts it anew, with what it had, at the same address. */
  readonly restart: () => Promise<void>
  /** Kills it; `restart` brings it back. */
  readonly crash: () => Promise<void>
}

export interface Neo4jOptions {
  /** As the JVM and Neo4j write it. Given: it runs for long, and is compiled for that. */
  readonly heap?: string
  readonly pageCache?: string
  /** Kept when it stops, and gone on with where it is there already; default: a new one, which goes. */
  readonly home?: string
}

const POM = fileURLToPath(new URL('./neo4j-pom.xml', import.meta.url))

/** Neo4j community, a separate process, with the jars Maven resolves once. Java 17 or 21. */
export async function startNeo4j(
  tell: (line: string) => void,
  options: Neo4jOptions = {},
): Promise<Neo4jService> {
  const javaVersion = await runTool('java', ['-version'])
  const jars = await cached('neo4j-5.26.30', async (directory) => {
    tell('Neo4j: downloading from Maven Central, once (about two minutes)')
    await runTool('mvn', mavenArguments(directory))
  })
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'assent-neo4j-'))
  const port = await freePort()
  writeHome(home, port, options)
  const password = await passwordOf(home, jars)

  const archive = classArchive(jars, javaVersion)
  const url = `bolt://${LOOPBACK}:${port}`
  const run = async (): Promise<ChildService> => {
    const started = startChild({
      command: 'java',
      args: serverArguments(jars, home, options.heap === undefined ? archive.flags : [], options),
      home,
      isKept: options.home !== undefined,
      log: join(home, 'logs', 'console.log'),
      stopSignal: 'SIGTERM',
      patienceMs: 90_000,
    })
    try {
      await untilReady('Neo4j', started, () => accepts(port))
      await untilReady('Neo4j', started, () => answers(url, password))
      return started
    } catch (error) {
      await started.stop()
      throw error
    }
  }
  let child = await run()
  return {
    pid: child.pid,
    url,
    user: 'neo4j',
    password,
    async stop() {
      await child.stop()
      archive.keep()
    },
    async restart() {
      if (!child.hasExited()) await child.crash()
      child = await run()
    },
    crash: () => child.crash(),
  }
}

const mavenArguments = (directory: string) => [
  '-B',
  '-q',
  '-f',
  POM,
  'dependency:copy-dependencies',
  '-DincludeScope=runtime',
  `-DoutputDirectory=${directory}`,
]

/** Unknown settings stop the start. No quiet period: ten of the eleven seconds a stop would take. */
function writeHome(home: string, port: number, { pageCache = '128m' }: Neo4jOptions): void {
  for (const name of ['conf', 'logs', 'plugins', 'import', 'run'])
    mkdirSync(join(home, name), { recursive: true })
  const settings = {
    'server.default_listen_address': LOOPBACK,
    'server.bolt.listen_address': `${LOOPBACK}:${port}`,
    'server.bolt.advertised_address': `${LOOPBACK}:${port}`,
    'server.http.enabled': false,
    'server.https.enabled': false,
    'server.memory.pagecache.size': pageCache,
    'dbms.usage_report.enabled': false,
    'db.tx_log.rotation.retention_policy': 'keep_none',
    'db.tx_log.rotation.size': '16m',
    'db.tx_log.preallocate': false,
    'internal.dbms.bolt.netty_server_shutdown_quiet_period': 0,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(home, 'conf', 'neo4j.conf'), lines.join(''))
}

const QUICK_START = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** Of a home that was kept, the one it was made with. */
async function passwordOf(home: string, jars: string): Promise<string> {
  const file = join(home, 'password')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const password = randomBytes(12).toString('hex')
  await setPassword(jars, home, password)
  writeFileSync(file, password, { mode: 0o600 })
  return password
}

/** Has an effect only before the first start. */
async function setPassword(jars: string, home: string, password: string): Promise<void> {
  const env = { ...process.env, NEO4J_HOME: home, NEO4J_CONF: join(home, 'conf') }
  const tool = [...QUICK_START, '-cp', join(jars, '*'), 'org.neo4j.cli.AdminTool']
  try {
    await runTool('java', [...tool, 'dbms', 'set-initial-password', password], { env })
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}

/** Loaded classes kept between runs halve the start. One archive a Java version; written when the first run stops. */
function classArchive(jars: string, javaVersion: string): { flags: string[]; keep: () => void } {
  const version = createHash('sha256').update(javaVersion).digest('hex').slice(0, 12)
  const archive = join(jars, `classes-${version}.jsa`)
  const quiet = ['-Xlog:cds=off', '-Xlog:cds+dynamic=off']
  if (existsSync(archive)) return { flags: [`-XX:SharedArchiveFile=${archive}`, ...quiet], keep: () => {} }
  const draft = `${archive}.draft-${process.pid}`
  return {
    flags: [`-XX:ArchiveClassesAtExit=${draft}`, ...quiet],
    keep: () => existsSync(draft) && renameSync(draft, archive),
  }
}

const OPEN_PACKAGES = ['java.nio', 'java.io', 'sun.nio.ch'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
)
const JVM_SETTINGS = [
  '-Dio.netty.tryReflectionSetAccessible=true',
  '-Dlog4j2.disable.jmx=true',
  '-Dfile.encoding=UTF-8',
]

const serverArguments = (
  jars: string,
  home: string,
  archiveFlags: readonly string[],
  { heap }: Neo4jOptions,
) => [
  ...(heap === undefined ? QUICK_START : []),
  ...archiveFlags,
  `-Xms${heap ?? '512m'}`,
  `-Xmx${heap ?? '512m'}`,
  '-XX:-OmitStackTraceInFastThrow',
  ...OPEN_PACKAGES,
  ...JVM_SETTINGS,
  '-cp',
  join(jars, '*'),
  'org.neo4j.server.CommunityEntryPoint',
  '--console-mode',
  `--home-dir=${home}`,
  `--config-dir=${join(home, 'conf')}`,
]

async function answers(url: string, password: string): Promise<boolean> {
  const driver = neo4j.driver(url, neo4j.auth.basic('neo4j', password))
  try {
    await driver.verifyConnectivity()
    return true
  } catch {
    return false
  } finally {
    await driver.close()
  }
}
