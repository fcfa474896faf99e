import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { compose } from '../../schema/compose.ts'
import { NAMED, STRICT } from '../support/policy/bundle-of.ts'
import { REVIEW } from '../support/contract-review.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const policy = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', 'policy', ...args],
      { env: { PATH: process.env['PATH'] } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

const directory = mkdtempSync(join(tmpdir(), 'assent-policy-'))
afterAll(() => rmSync(directory, { recursive: true }))

const file = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

const optIn = file('opt-in.yaml', `${NAMED}${STRICT('[model, legalBases]')}`)
const optOut = file(
  'opt-out.yaml',
  `${NAMED}${STRICT('[model, legalBases]')}
regions: { US: { scopes: { analytics: { model: opt-out, legalBases: [statute, consent] } } } }`,
)

const line = (part: object): string =>
  JSON.stringify({
    client: 'campaigns',
    granted: { 'Customer.visits': ['analytics'] },
    denied: {},
    scopes: ['analytics'],
    people: [['ada', '1', 'receipt-1']],
    region: 'US',
    ...part,
  })

const decisions = file(
  'decisions.jsonl',
  [
    line({}),
    line({ people: [['bo', '2', 'policy:retailer@0.9.0+000000000000/US/-']] }),
    line({ granted: {}, denied: { 'Customer.visits': 'NOT_GIVEN' }, scopes: [], people: [['cyd', '3']] }),
    '',
  ].join('\n'),
)

describe('assent policy', () => {
  test('check tells each fault with its line, and what a whole bundle is', async () => {
    const broken = file('broken.yaml', `${NAMED}${STRICT()}regions: { XX: {} }\n`)
    const { code, out, err } = await policy('check', 'policies/default.yaml', broken)
    expect(code).toBe(1)
    expect(out).toMatch(/^retailer@1\.0\.0\+[0-9a-f]{12} {2}8 scopes, 0 brands, 1 group, \d+ regions$/m)
    expect(err).toContain(`error  ${broken}:14  regions.XX  POLICY_REGION_UNKNOWN`)
    expect(err).toMatch(/→ .*ISO 3166/)
    expect((await policy('check', 'policies/default.yaml')).code).toBe(0)
  })

  test('a file that is not there is a matter of usage', async () => {
    expect(await policy('check', join(directory, 'nowhere.yaml'))).toMatchObject({ code: 2 })
  })

  test('show prints a row a region and a column a scope', async () => {
    const { code, out } = await policy('show', optOut)
    expect(code).toBe(0)
    expect(out).toMatch(/^region +marketing_email .* analytics /m)
    expect(out).toMatch(/^US +opt-in 16\+ .*opt-out 16\+/m)
    expect(out).toMatch(/^\(any\) /m)
  })

  test('diff exits with 1 for what is loosened, when asked to', async () => {
    const loosened = await policy('diff', optIn, optOut, '--fail-on-loosen')
    expect(loosened.code).toBe(1)
    expect(loosened.out).toMatch(/^loosened +analytics .* US .*model: opt-in → opt-out/m)
    expect((await policy('diff', optIn, optOut)).code).toBe(0)
    expect((await policy('diff', optOut, optIn, '--fail-on-loosen')).code).toBe(0)
  })

  test('simulate counts what would change, by coordinate and region', async () => {
    const strict = await policy('simulate', optIn, '--decisions', decisions)
    expect(strict).toMatchObject({ code: 0 })
    expect(strict.out).toMatch(/^Customer\.visits +US +2 +1 +0 +0$/m)
    const loose = await policy('simulate', optOut, '--decisions', decisions, '--fail-on-loosen')
    expect(loose).toMatchObject({ code: 1, err: '' })
    expect(loose.out).toMatch(/^Customer\.visits +US +2 +0 +1 +0$/m)
  })

  test('simulate takes place and scopes from contracts and supergraph where a record does not tell', async () => {
    const clients = mkdtempSync(join(directory, 'clients-'))
    writeFileSync(
      join(clients, 'campaigns.yaml'),
      `client: campaigns\npurposes: [marketing]\nscopes: [analytics]\ncontext:\n  region: US\n${REVIEW}`,
    )
    const supergraph = join(directory, 'supergraph.graphql')
    const composed = compose(
      [
        {
          name: 'shop',
          url: 'http://127.0.0.1:1/graphql',
          file: 'shop.graphql',
          sdl: `extend schema
            @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
            @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
          type Query { customers: [Customer] }
          type Customer @key(fields: "pid") @dataSubject(key: "pid") {
            pid: ID!
            visits: Int @requiresScope(scope: "analytics")
          }`,
        },
      ],
      { vocabulary: standardVocabulary },
    )
    writeFileSync(supergraph, composed.supergraph ?? '')
    const asked = { granted: {}, denied: { 'Customer.visits': 'NOT_GIVEN' }, scopes: [], region: undefined }
    const untold = file('untold.jsonl', `${line({ ...asked, people: [['dee', '4']] })}\n`)
    const blind = await policy('simulate', optOut, '--decisions', untold)
    expect(blind.out).toMatch(/^Customer\.visits +\(any\) +0 +0 +0 +1$/m)
    const where = ['--clients', clients, '--supergraph', supergraph]
    const told = await policy('simulate', optOut, '--decisions', untold, ...where)
    expect(told.err).toBe('')
    expect(told.out).toMatch(/^Customer\.visits +US +0 +0 +1 +0$/m)
  })

  test('simulate says which line it could not read, and is not content', async () => {
    const cut = file('cut.jsonl', `${line({})}\n${line({}).slice(0, 40)}\n`)
    const { code, err } = await policy('simulate', optIn, '--decisions', cut)
    expect(code).toBe(1)
    expect(err).toContain('1 lines could not be read, the first is line 2.')
  })
})
