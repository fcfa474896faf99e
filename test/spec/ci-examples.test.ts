import { execFile, execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { approvalStatement } from '../../registry/approval-statement.ts'
import { openRegistry } from '../../registry/open-registry.ts'
import { readRegistrySettings } from '../../registry/registry-settings.ts'

const TOKEN = 'a-token-of-a-publisher'
const owner = generateKeyPairSync('ed25519')
const publicKey = Buffer.from(owner.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString(
  'base64',
)
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const SETTINGS = `
tokens:
  ci: { role: publisher, sha256: ${sha256(TOKEN)}, subgraphs: [shop], folders: [clients] }
  lead: { role: approver, sha256: ${sha256('lead')} }
owners: { privacy: ${publicKey} }
`

/** The commands of a pipeline, as they stand in its file. */
const github = parse(readFileSync('examples/ci/github-actions.yml', 'utf8')) as {
  jobs: Record<'check' | 'publish', { steps: { run?: string }[] }>
}
const gitlab = parse(readFileSync('examples/ci/gitlab-ci.yml', 'utf8')) as Record<
  string,
  { script: string[] }
>
/** What is installed before is no command of ours. */
const ownOf = (commands: readonly string[]): readonly string[] => commands.filter((one) => one !== 'npm ci')
const pipelines = {
  GitHub: {
    check: ownOf(github.jobs.check.steps.flatMap(({ run }) => run ?? [])),
    publish: ownOf(github.jobs.publish.steps.flatMap(({ run }) => run ?? [])),
    base: 'BASE',
    report: 'schema-check.sarif',
  },
  GitLab: {
    check: gitlab['check schemas']?.script ?? [],
    publish: gitlab['publish schemas']?.script ?? [],
    base: 'CI_MERGE_REQUEST_DIFF_BASE_SHA',
    report: 'schema-check.xml',
  },
}

const repository = mkdtempSync(join(tmpdir(), 'assent-ci-'))
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim()
const schema = join(repository, 'schemas/shop.graphql')
let base: string
let registry: { readonly url: string; close(): Promise<void> }

beforeAll(async () => {
  cpSync('examples/ci/shop', repository, { recursive: true })
  git('init', '-q')
  git('config', 'user.email', 'ci@shop.example')
  git('config', 'user.name', 'ci')
  git('add', '.')
  git('commit', '-qm', 'base')
  base = git('rev-parse', 'HEAD')
  registry = await openRegistry({
    settings: readRegistrySettings(SETTINGS, 'registry.yaml'),
    key: generateKeyPairSync('ed25519').privateKey,
    host: '127.0.0.1',
    port: 0,
    clock: Date.now,
    log: () => undefined,
  })
  await publishFirst()
})
/** A first client is allowed by its owner, once. */
const publishFirst = async (): Promise<void> => {
  const post = async (path: string, token: string, body: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${registry.url}/registry/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return answer.json()
  }
  const files = ['shop.graphql', 'clients/support.yaml'].map((file) => ({
    file,
    text: readFileSync(join(repository, 'schemas', file), 'utf8'),
  }))
  const pending = (await post('/tags/prod/publish', TOKEN, { files })) as {
    report: { findings: { level: string; approval?: { hash: string; by: string } }[] }
  }
  for (const { level, approval } of pending.report.findings) {
    if (level !== 'error' || approval === undefined) continue
    const asked = { ...approval, tag: 'prod', until: '2999-12-31' }
    const signature = sign(null, Buffer.from(approvalStatement(asked)), owner.privateKey).toString('base64')
    await post('/approvals', 'lead', { ...asked, signature })
  }
}
afterAll(async () => {
  await registry.close()
  rmSync(repository, { recursive: true })
})

const run = (
  command: string,
  env: Record<string, string> = {},
  url = registry.url,
): Promise<{ code: number; said: string }> => {
  const own = command.replace(
    /^npx --no -- assent /,
    `${resolve('node_modules/.bin/tsx')} ${resolve('cli/assent.ts')} `,
  )
  const { PATH = '' } = process.env
  return new Promise((done) => {
    execFile(
      'sh',
      ['-c', own],
      { cwd: repository, env: { PATH, ASSENT_REGISTRY_URL: url, ASSENT_REGISTRY_TOKEN: TOKEN, ...env } },
      (error, stdout, stderr) => done({ code: Number(error?.code ?? 0), said: `${stdout}${stderr}` }),
    )
  })
}

test('no pipeline runs what it has not installed: the token of the registry would be handed to whoever has the name', () => {
  for (const { check, publish } of Object.values(pipelines))
    for (const command of [...check, ...publish]) expect(command).toMatch(/^npx --no -- assent /)
})

describe.each(Object.entries(pipelines))(
  'the example for %s',
  (_, { check, publish, base: name, report }) => {
    test('lets pass what changes nothing, and publishes it', async () => {
      git('checkout', '-q', base, '--', '.')
      expect(check.length).toBe(2)
      for (const command of check) expect(await run(command, { [name]: base })).toMatchObject({ code: 0 })
      expect(readFileSync(join(repository, report), 'utf8').length).toBeGreaterThan(0)
      for (const command of publish) expect(await run(command)).toMatchObject({ code: 0 })
    })

    test('stops what takes a scope away, in both places: the check blocks, the registry waits for the owner', async () => {
      writeFileSync(schema, readFileSync(schema, 'utf8').replace(' @requiresScope(scope: "crm_contact")', ''))
      const [first = ''] = check
      const blocked = await run(first, { [name]: base })
      expect(blocked.code).toBe(1)
      expect(blocked.said).toContain('Customer.email')
      const waiting = await run(publish[0] ?? '')
      expect(waiting.code).toBe(1)
      expect(waiting.said).toContain('approval of crm')
      git('checkout', '-q', '--', '.')
    })

    test('never passes by mistake: a base that is not there is 2, a registry that is away is 3', async () => {
      const [first = ''] = check
      expect((await run(first, { [name]: 'f'.repeat(40) })).code).toBe(2)
      const away = await run(publish[0] ?? '', {}, 'http://127.0.0.1:1')
      expect(away.code).toBe(3)
      expect(away.said).toContain('REGISTRY_AWAY')
    })
  },
)
