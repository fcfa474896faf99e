import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Contender } from './contender.ts'
import { startProgram } from './start-program.ts'

const folder = fileURLToPath(new URL('peers/', import.meta.url))

/** Installs the peers into a folder of their own; they are never dependencies of the gateway. */
export const installPeers = (): void => {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return
  console.error('installing the peers, about 700 MB')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('the peers cannot be installed')
}

const ofFolder = (name: string, path: string, file: string): Contender => ({
  name,
  path,
  isPeer: true,
  start: ({ standIn, supergraphFile }) =>
    startProgram({
      args: [`${folder}${file}`],
      core: 0,
      env: { SUPERGRAPH: supergraphFile, STAND_IN: standIn },
    }),
})

const hive = (name: string, flag: string): Contender => ({
  name,
  path: '/graphql',
  isPeer: true,
  async start({ supergraphFile, directory }) {
    const port = await freePort()
    return startProgram({
      args: [
        `${folder}node_modules/@graphql-hive/gateway/dist/bin.js`,
        'supergraph',
        `--config-path=${folder}hive-gateway.config.mjs`,
        `--port=${port}`,
        flag,
      ],
      core: 0,
      cwd: directory,
      env: { SUPERGRAPH: supergraphFile },
    })
  },
})

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export const PEERS: readonly Contender[] = [
  hive('hive-router-runtime', '--hive-router-runtime'),
  ofFolder('mercurius', '/graphql', 'mercurius-gateway.mjs'),
  ofFolder('apollo', '/', 'apollo-gateway.mjs'),
  hive('hive', '--jit'),
]
