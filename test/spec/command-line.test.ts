import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const assent = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', ...args],
      { env: { PATH: process.env['PATH'], ...env } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

const directory = mkdtempSync(join(tmpdir(), 'assent-cli-'))

describe('the command line', () => {
  it('explains itself, with examples and every setting', async () => {
    const { code, out } = await assent(['gateway', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('Examples:')
    expect(out).toContain('ASSENT_SUBGRAPHS_TIMEOUT_MS')
  })

  it('shows the defaults of the command at hand', async () => {
    const { out } = await assent(['start', '--help'])
    expect(out).toMatch(/ASSENT_PROFILE .*\[development\]/)
    expect(out).toMatch(/ASSENT_LOG_LEVEL .*\[warn\]/)
    expect(out).toMatch(/\(default:\s+500\)/)
    expect((await assent(['data', 'generate', '--help'])).out).toMatch(/\(default:\s+2026-01-01\)/)
  })

  it('exits with 2 when it is used wrongly', async () => {
    expect(await assent(['bogus'])).toMatchObject({ code: 2 })
    expect(await assent(['ask', '/nowhere.graphql'])).toMatchObject({ code: 2 })
    expect(await assent(['schema', 'compose'])).toMatchObject({ code: 2 })
    expect(await assent(['start', '--people', 'abc'])).toMatchObject({ code: 2 })
    expect(await assent(['data', 'import', 'package.json', '--region', 'XXXX'])).toMatchObject({ code: 2 })
  })

  it('exits with 2 for wrong settings, names them all, and shows no secret', async () => {
    const { code, err } = await assent(['config'], {
      ASSENT_PORT: 'x',
      ASSENT_HOSTS: 'a',
      ASSENT_GRANT_SECRET: 'too-short',
    })
    expect(code).toBe(2)
    expect(err).toMatch(/ASSENT_HOSTS \(environment\)[^]*port \(ASSENT_PORT\)[^]*grant\.secret/)
    expect(err).not.toContain('too-short')
  })

  it('exits with 3 when nobody answers', async () => {
    const { code, err } = await assent(['ask', '1', '--url', 'http://127.0.0.1:1/graphql'])
    expect(code).toBe(3)
    expect(err).toContain('assent start')
  })

  it('claims nothing about withheld values that the answer does not tell', async () => {
    const withheld = { extensions: { code: 'WITHHELD' }, message: 'A value is withheld.' }
    const answers = new Map<string, object>([
      ['/whole', { data: { a: 1 } }],
      ['/broken', { data: { a: null }, errors: [{ message: 'Away.' }] }],
      ['/refused', { errors: [{ message: 'No.' }] }],
      ['/as-errors', { data: { a: null }, errors: [withheld] }],
    ])
    const gateway = createHttpServer((request, response) =>
      response.end(JSON.stringify(answers.get(request.url ?? ''))),
    ).listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    const { port } = gateway.address() as AddressInfo
    const said = async (path: string): Promise<string> =>
      (await assent(['ask', '1', '--url', `http://127.0.0.1:${port}${path}`])).out
    const [whole, broken, refused, asErrors] = await Promise.all([...answers.keys()].map(said))
    gateway.close()
    expect(whole).toContain('No value is reported as withheld. (A contract with')
    expect(broken).toContain('see the errors above for what else is missing')
    expect(refused).toContain('There is no answer')
    expect(asErrors).toContain('Withheld: see the errors above.')
  })

  it('exits with 3 when the port is taken, before anything is made up', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const data = join(directory, 'never-made')
    const { code, err } = await assent(['start', '--port', String(port), '--data', data])
    other.close()
    expect(code).toBe(3)
    expect(err).toMatch(new RegExp(`^PORT_TAKEN: .*127\\.0\\.0\\.1:${port}[^]*--port`))
    expect(existsSync(data)).toBe(false)
  })

  it('exits with 3 when a store is away', async () => {
    const { code, err } = await assent(
      ['start', '--port', '0', '--data', join(directory, 'without-postgres')],
      { ASSENT_STORES_POSTGRES_URL: 'postgres://nobody@127.0.0.1:1/nothing' },
    )
    expect([code, err]).toEqual([3, expect.stringContaining('ECONNREFUSED')])
    expect(err).not.toContain('    at ')
  })

  it('composes the subgraphs of a directory', async () => {
    const output = join(directory, 'supergraph.graphql')
    const { code, err } = await assent(['schema', 'compose', 'subgraphs', '--output', output])
    expect([code, err.trim()]).toEqual([0, '5 subgraphs, 0 errors, 0 warnings'])
    expect(readFileSync(output, 'utf8')).toContain('enum join__Graph')
  })

  it('exits with 1 when a consent rule is broken, with file, line, coordinate and remedy', async () => {
    const file = join(directory, 'shop.graphql')
    const header = readFileSync('subgraphs/features/schema.graphql', 'utf8').split('type Customer')[0] ?? ''
    writeFileSync(file, `${header}type Query { price: Int @requiresScope(scope: "crm_contct") }\n`)
    const { code, err } = await assent([
      'schema',
      'compose',
      '--subgraph',
      `shop=${file}@http://127.0.0.1:1/graphql`,
    ])
    expect(code).toBe(1)
    expect(err).toMatch(
      /^error {2}shop {2}.*shop\.graphql:\d+ {2}Query\.price {2}SCOPE_UNKNOWN\n.*crm_contct.*\n {4}→ Did you mean `crm_contact`\?/m,
    )
    expect(err).toMatch(/\n1 subgraph, \d+ errors?, 0 warnings\n$/)
  })
})
