import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { openRegistry } from '../registry/open-registry.ts'
import { RegistryError } from '../registry/registry-error.ts'
import { readRegistrySettings } from '../registry/registry-settings.ts'
import type { Tag } from '../registry/registry-store.ts'
import { registryClient, type RegistryFlags, withRegistry } from './registry-client.ts'
import { untilStopped } from './until-stopped.ts'
import { wholeNumber } from './whole-number.ts'

interface ServeFlags {
  readonly file: string
  readonly data: string
  readonly postgres?: string
  readonly key?: string
  readonly host: string
  readonly port: number
}

export const serveCommand = (): Command =>
  new Command('serve')
    .description('Runs a registry.')
    .option('-f, --file <file>', 'who may do what: tokens, owners, consumers', 'registry.yaml')
    .option(
      '--data <directory>',
      'directory of the embedded database and of the signing key',
      '.assent-registry',
    )
    .option('--postgres <url>', 'a PostgreSQL server in place of the embedded database')
    .option(
      '--key <file>',
      'the private key (PEM, Ed25519) that supergraphs are signed with; default: made and kept',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('-p, --port <port>', 'port to listen on; 0 takes any free one', wholeNumber, 4100)
    .addHelpText(
      'after',
      '\nExample:\n  $ assent registry serve --file registry.yaml --data /var/lib/registry',
    )
    .action(async ({ file, data, postgres, key, host, port }: ServeFlags) => {
      const settings = readRegistrySettings(textOf(file), file)
      mkdirSync(data, { recursive: true, mode: 0o700 })
      const signing = keyIn(key ?? join(data, 'signing-key.pem'), key === undefined)
      const registry = await openRegistry({
        settings,
        key: signing,
        ...(postgres === undefined ? { dataDir: join(data, 'pglite') } : { postgresUrl: postgres }),
        host,
        port,
        clock: Date.now,
        log: (event, sentence) => console.error(JSON.stringify({ ...event, msg: sentence })),
      })
      console.log(`Assent registry listens on ${registry.url}`)
      console.log(`supergraphSource.publicKey: ${rawPublicKey(signing)}`)
      await untilStopped()
      await registry.close()
    })

export const moveCommand = (): Command =>
  withRegistry(new Command('move'))
    .alias('tag')
    .description('Points a tag to a version that was published before. Gateways follow, also back.')
    .argument('<tag>', 'the tag')
    .argument('<version>', 'a version, as `assent registry history` shows it')
    .action(async (tag: string, version: string, flags: RegistryFlags) => {
      const path = `/tags/${encodeURIComponent(tag)}/move`
      const moved = await registryClient(flags).ask<Tag>('POST', path, { version })
      console.log(flags.json ? JSON.stringify(moved) : `${tag} is ${version} now (move ${moved.sequence}).`)
    })

/** The 32 bytes in base64: what a setting or the file of a registry takes. */
export const rawPublicKey = (key: KeyObject): string => {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url').toString('base64')
}

const keyIn = (file: string, mayBeMade: boolean): KeyObject => {
  if (mayBeMade && !existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 })
  }
  return privateKeyIn(file)
}

/** Throws `REGISTRY_SETTINGS_INVALID` for what is no private key of Ed25519. */
export const privateKeyIn = (file: string): KeyObject => {
  try {
    const key = createPrivateKey(readFileSync(file))
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Why it cannot be read could quote what stands there.
  }
  throw new RegistryError('REGISTRY_SETTINGS_INVALID', `${file}: no private key of Ed25519 in PEM`)
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new RegistryError('REGISTRY_SETTINGS_INVALID', `${file} cannot be read`)
  }
}
