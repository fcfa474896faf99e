import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accepts, freePort, LOOPBACK, startChild, untilReady } from './child-service.ts'
import { cached } from './download-cache.ts'
import { runTool } from './run-tool.ts'

const VERSION = '5.2.5'

/** A stand-in that speaks the protocol of AWS KMS to the true client: moto, a Python package, with real keys in memory. */
export async function startAwsKms(
  tell: (line: string) => void,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const packages = await cached(`moto-${VERSION}`, async (directory) => {
    tell('moto: downloading, once')
    const quiet = ['-q', '--root-user-action=ignore', '--disable-pip-version-check']
    const what = `moto[kms,server]==${VERSION}`
    await runTool('python3', ['-m', 'pip', 'install', ...quiet, '--target', directory, what])
  })
  const [home, port] = [mkdtempSync(join(tmpdir(), 'assent-moto-')), await freePort()]
  const child = startChild({
    command: 'env',
    args: [
      `PYTHONPATH=${packages}`,
      'PYTHONDONTWRITEBYTECODE=1',
      'python3',
      '-m',
      'moto.server',
      '-H',
      LOOPBACK,
      '-p',
      String(port),
    ],
    home,
    log: join(home, 'server.log'),
    stopSignal: 'SIGINT',
    patienceMs: 10_000,
  })
  try {
    await untilReady('moto', child, () => accepts(port), 60_000)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { url: `http://${LOOPBACK}:${port}`, stop: child.stop }
}
