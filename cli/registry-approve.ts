import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { approvalStatement } from '../registry/approval-statement.ts'
import type { Pending, Tag } from '../registry/registry-store.ts'
import { RegistryError } from '../registry/registry-error.ts'
import { isoMoment } from './iso-moment.ts'
import { notEmpty } from './not-empty.ts'
import { type RegistryClient, registryClient, type RegistryFlags, withRegistry } from './registry-client.ts'
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
  readonly tag?: string
  readonly until: string
  readonly key: string
}

export const approveCommand = (): Command =>
  withRegistry(new Command('approve'))
    .description(
      'Approves one finding of one content of one tag as its owner; what waited for nothing else is published.',
    )
    .argument('<hash>', 'the hash of the approval, as `assent registry pending` shows it')
    .requiredOption('--by <owner>', 'the owner', notEmpty)
    .option('--tag <tag>', 'the tag, when it waits on several', notEmpty)
    .requiredOption('--until <time>', 'when the approval ends (ISO 8601)', isoMoment)
    .requiredOption('--key <file>', 'the private key of the owner (PEM, Ed25519)')
    .addHelpText(
      'after',
      '\nExample:\n  $ assent registry approve 4f2a… --by privacy --until 2027-01-31 --key privacy.pem',
    )
    .action(async (hash: string, { by, until, key, tag: named, ...flags }: ApproveFlags) => {
      const client = registryClient(flags)
      const tag = named ?? (await tagWaitingFor(client, hash))
      const asked = { tag, hash, by, until }
      const signature = sign(null, Buffer.from(approvalStatement(asked)), privateKeyIn(key))
      const approval = { ...asked, signature: signature.toString('base64') }
      const { released } = await client.ask<{ released: readonly Tag[] }>('POST', '/approvals', approval)
      if (flags.json) console.log(JSON.stringify({ released }, null, 2))
      else
        console.log(
          released
            .map((one) => `${one.version} is published: ${one.tag}, move ${one.sequence}.`)
            .join('\n') || 'Approved; it waits for others.',
        )
    })

/** An owner signs for one tag: where it waits on several, only the owner can say which is meant. */
const tagWaitingFor = async (client: RegistryClient, hash: string): Promise<string> => {
  const pending = await client.ask<readonly Pending[]>('GET', '/pending')
  const tags = new Set(
    pending
      .filter(({ report }) => report.findings.some(({ approval }) => approval?.hash === hash))
      .map(({ tag }) => tag),
  )
  const [tag] = tags
  if (tag === undefined) throw new RegistryError('REGISTRY_NOTHING_PENDING', 'hash')
  if (tags.size > 1) throw new RegistryError('REGISTRY_REQUEST_INVALID', '--tag: it waits on several')
  return tag
}

export const keyCommand = (): Command =>
  new Command('key')
    .description('Makes a key of an owner: the private part into a file, the public part on standard output.')
    .argument('<file>', 'where the private key goes; it must not exist')
    .action((file: string) => {
      const { privateKey } = generateKeyPairSync('ed25519')
      writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 })
      console.log(rawPublicKey(privateKey))
    })
