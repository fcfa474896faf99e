import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { approvalStatement } from '../registry/approval-statement.ts'
import type { Pending, Tag } from '../registry/registry-store.ts'
import { registryClient, type RegistryFlags, withRegistry } from './registry-client.ts'
import { reportAsText } from './registry-publish.ts'
import { privateKeyIn, rawPublicKey } from './registry-serve.ts'

export const pendingCommand = (): Command =>
  withRegistry(new Command('pending'))
    .description('Prints publications that wait, and which approvals they wait for.')
    .action(async (flags: RegistryFlags) => {
      const pending = await registryClient(flags).ask<readonly Pending[]>('GET', '/pending')
      if (flags.json) console.log(JSON.stringify(pending, null, 2))
      else
        console.log(
          pending
            .map(({ id, tag, by, at, report }) => `${id}  ${tag}  ${by}  ${at}\n${reportAsText(report)}`)
            .join('\n\n') || 'Nothing waits.',
        )
    })

interface ApproveFlags extends RegistryFlags {
  readonly by: string
  readonly until: string
  readonly key: string
}

export const approveCommand = (): Command =>
  withRegistry(new Command('approve'))
    .description(
      'Approves one finding of one content as its owner; what waited for nothing else is published.',
    )
    .argument('<hash>', 'the hash of the approval, as `assent registry pending` shows it')
    .requiredOption('--by <owner>', 'the owner')
    .requiredOption('--until <time>', 'when the approval ends (ISO 8601)')
    .requiredOption('--key <file>', 'the private key of the owner (PEM, Ed25519)')
    .addHelpText(
      'after',
      '\nExample:\n  $ assent registry approve 4f2a… --by privacy --until 2027-01-31 --key privacy.pem',
    )
    .action(async (hash: string, { by, until, key, ...flags }: ApproveFlags) => {
      const signature = sign(null, Buffer.from(approvalStatement({ hash, by, until })), privateKeyIn(key))
      const approval = { hash, by, until, signature: signature.toString('base64') }
      const { released } = await registryClient(flags).ask<{ released: readonly Tag[] }>(
        'POST',
        '/approvals',
        approval,
      )
      if (flags.json) console.log(JSON.stringify({ released }, null, 2))
      else
        console.log(
          released
            .map(({ tag, version, sequence }) => `${version} is published: ${tag}, move ${sequence}.`)
            .join('\n') || 'Approved; it waits for others.',
        )
    })

export const keyCommand = (): Command =>
  new Command('key')
    .description('Makes a key of an owner: the private part into a file, the public part on standard output.')
    .argument('<file>', 'where the private key goes; it must not exist')
    .action((file: string) => {
      const { privateKey } = generateKeyPairSync('ed25519')
      writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 })
      console.log(rawPublicKey(privateKey))
    })
