import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ask } from './ask.ts'
import type { Asking } from './own-gateway.ts'

/** A gateway started by a command line with `{supergraph}` and `{port}` in it; a process group that ends with `close`. */
export const startCommandGateway = async (command: string, supergraph: string): Promise<Asking> => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  const file = join(folder, 'supergraph.graphql')
  writeFileSync(file, supergraph)
  const port = await freePort()
  const line = command.replaceAll('{supergraph}', file).replaceAll('{port}', String(port))
  const child = spawn(line, { shell: true, detached: true, stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://127.0.0.1:${port}/graphql`
  const close = async (): Promise<void> => {
    if (child.pid !== undefined) await endGroup(child.pid)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilAnswering(url, () => child.exitCode !== null)
  } catch (problem) {
    await close()
    throw problem
  }
  return { url, close }
}

/** Ends a process group, the shell and what it started, and waits until all of it is gone. */
const endGroup = async (group: number): Promise<void> => {
  const signal = (name: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-group, name)
    } catch {
      return false
    }
  }
  signal('SIGTERM')
  for (let tried = 0; signal(0) && tried < 100; tried += 1) await wait(50)
  signal('SIGKILL')
}

const MOST_WAIT_MS = 60_000

/** Waits until the gateway answers anything at all. */
export const untilAnswering = async (url: string, hasEnded: () => boolean = () => false): Promise<void> => {
  for (const end = Date.now() + MOST_WAIT_MS; Date.now() < end; await wait(50)) {
    if (hasEnded()) throw new Error('the gateway ended before it answered')
    const answered = await ask(url, { query: '{ __typename }' }).catch(() => null)
    if (answered !== null && answered.status < 500) return
  }
  throw new Error(`nothing answers at ${url}`)
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
