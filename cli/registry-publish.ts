import { createPublicKey, verify } from 'node:crypto'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { CLAIM_HEADERS, claimStatement } from '../directives/supergraph-proof.ts'
import { readPublicKey } from '../registry/approval-signature.ts'
import type { Published } from '../registry/publish.ts'
import type { Change, Version } from '../registry/version.ts'
import { RegistryError } from '../registry/registry-error.ts'
import { type ContractFile, type Contracts } from '../schema/check/contracts.ts'
import type { Finding, Report } from '../schema/check/finding.ts'
import { contractsAt } from './contracts-at.ts'
import { EXIT } from './exit-code.ts'
import { notEmpty } from './not-empty.ts'
import {
  type RegistryClient,
  registryClient,
  type RegistryFlags,
  versionNamed,
  withRegistry,
} from './registry-client.ts'

interface PublishFlags extends RegistryFlags {
  readonly tag: string
  readonly subgraph: readonly string[]
  readonly urlOf: Readonly<Record<string, string>>
  readonly base?: string
  readonly prune?: true
}

export const publishCommand = (): Command =>
  withRegistry(new Command('publish'))
    .description('Checks what stands in a directory against a tag, and publishes it in the same moment.')
    .argument('<directory>', 'a directory as `assent schema check` takes it')
    .option('--tag <tag>', 'the tag to publish to', notEmpty, 'prod')
    .option('--subgraph <name>', 'only this subgraph of the directory; repeat for each', collect, [])
    .option('--url-of <name=url>', 'where a subgraph answers; repeat for each', collectUrl, {})
    .option('--base <version>', 'refuse when the tag has moved from this version', notEmpty)
    .option('--prune', 'take out what the tag has and the directory has not')
    .addHelpText(
      'after',
      `
Examples:
  $ assent registry publish schemas --url-of shop=http://shop:4001/graphql
  $ assent registry publish . --subgraph shop --tag staging

Exits with 1 when it is refused, or waits for an approval.`,
    )
    .action(async (directory: string, flags: PublishFlags) => {
      const client = registryClient(flags)
      const change = await changeIn(directory, flags, client)
      const body = { ...change, ...(flags.base !== undefined && { base: flags.base }) }
      const published = await client
        .ask<Published>('POST', `/tags/${encodeURIComponent(flags.tag)}/publish`, body)
        .catch((problem: Error & { detail?: { report?: Report } }) => {
          if (problem.detail?.report !== undefined && !flags.json)
            console.error(reportAsText(problem.detail.report))
          throw problem
        })
      console.log(flags.json ? JSON.stringify(published, null, 2) : publishedAsText(published, flags.tag))
      if (published.outcome === 'pending') process.exitCode = EXIT.failed
    })

interface FetchFlags extends RegistryFlags {
  readonly output?: string
  readonly publicKey?: string
}

export const fetchCommand = (): Command =>
  withRegistry(new Command('fetch'))
    .description('Fetches the supergraph of a tag, and proves that the registry has signed it.')
    .argument('[tag]', 'the tag', 'prod')
    .option('--public-key <key>', 'the key of the registry, as `assent registry serve` prints it')
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .action(async (tag: string, flags: FetchFlags) => {
      const answer = await registryClient(flags).fetch(`/tags/${encodeURIComponent(tag)}/supergraph`)
      const text = await answer.text()
      if (flags.publicKey !== undefined) prove(answer.headers, text, { tag, publicKey: flags.publicKey })
      if (flags.output === undefined) process.stdout.write(text)
      else writeFileSync(flags.output, text)
    })

const prove = (
  headers: Headers,
  text: string,
  { tag, publicKey }: { tag: string; publicKey: string },
): void => {
  const claim = {
    tag,
    sequence: Number(headers.get(CLAIM_HEADERS.sequence)),
    version: headers.get(CLAIM_HEADERS.version) ?? '',
    issued: headers.get(CLAIM_HEADERS.issued) ?? '',
    digest: createHash('sha256').update(text).digest('hex'),
  }
  const signature = Buffer.from(headers.get(CLAIM_HEADERS.signature) ?? '', 'base64')
  const key = createPublicKey(readPublicKey(publicKey).export({ format: 'pem', type: 'spki' }))
  if (!verify(null, Buffer.from(claimStatement(claim)), key, signature))
    throw new RegistryError('REGISTRY_AWAY', 'what answers does not sign with this key')
}

const changeIn = async (directory: string, flags: PublishFlags, client: RegistryClient): Promise<Change> => {
  const contracts = await contractsAt(directory, { directory, registry: null })
  const files = filesOf(contracts).filter(({ subgraph }) =>
    flags.subgraph.length === 0 ? true : flags.subgraph.includes(subgraph ?? ''),
  )
  const there = new Set(files.map(({ file }) => file))
  const published = flags.prune ? await versionNamed(client, flags.tag).catch(none) : null
  const remove = (published?.files ?? []).map(({ file }) => file).filter((file) => !there.has(file))
  return { files: files.map(({ file, text }) => ({ file, text })), remove, urls: flags.urlOf }
}

/** Nothing was published yet. */
const none = (problem: Error & { code?: unknown }): Version | null => {
  if (problem.code === 'REGISTRY_TAG_UNKNOWN') return null
  throw problem
}

const filesOf = (contracts: Contracts): readonly (ContractFile & { readonly subgraph?: string })[] => [
  ...contracts.subgraphs.map(({ name, file, sdl }) => ({ file, text: sdl, subgraph: name })),
  ...(contracts.supergraph === null ? [] : [contracts.supergraph]),
  ...contracts.events,
  ...contracts.features,
  ...contracts.clients,
  ...contracts.documents,
  ...contracts.policies,
  ...contracts.rules,
  ...(contracts.vocabulary === null ? [] : [contracts.vocabulary]),
]

const publishedAsText = (published: Published, tag: string): string => {
  const findings = reportAsText(published.report)
  if (published.outcome === 'pending')
    return `${findings}\nThe publication ${published.id} waits for the approvals above (assent registry approve).`
  const { version, sequence } = published.tag
  const what = published.outcome === 'published' ? 'is published' : 'is what the tag has already'
  return [findings, `${version} ${what}: ${tag}, move ${sequence}.`].filter(Boolean).join('\n')
}

export const reportAsText = ({ findings }: Report): string => findings.map(findingAsText).join('\n')

const findingAsText = ({ level, code, coordinate, source, message, remedy, approval }: Finding): string => {
  const place = source.file === '' ? '' : `${source.file}:${source.line}`
  const asked = approval === undefined ? '' : `\n    → approval of ${approval.by}: ${approval.hash}`
  const head = [level, place, coordinate, code].filter(Boolean).join('  ')
  return `${head}\n    ${message}\n    → ${remedy}${asked}`
}

const collect = (written: string, before: readonly string[]): readonly string[] => [...before, written]

const collectUrl = (
  written: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const [, name, url] = /^([\w-]+)=(https?:\/\/.+)$/.exec(written) ?? []
  if (name === undefined || url === undefined) throw new InvalidArgumentError('write name=url.')
  return { ...before, [name]: url }
}
