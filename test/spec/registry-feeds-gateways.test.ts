import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as askRaw } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { supergraphProof } from '../../gateway/adapters/supergraph-proof.ts'
import { readConfig } from '../../gateway/config.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { openRegistry } from '../../registry/open-registry.ts'
import { readRegistrySettings } from '../../registry/registry-settings.ts'
import { CLAIM_HEADERS, claimStatement } from '../../directives/supergraph-proof.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const SETTINGS = `
tokens:
  shop-ci: { role: publisher, sha256: ${sha256('shop')}, subgraphs: [shop] }
  gateways: { role: reader, sha256: ${sha256('read')} }
  ops: { role: operator, sha256: ${sha256('ops')} }
`
const keys = generateKeyPairSync('ed25519')
const publicKey = Buffer.from(keys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString(
  'base64',
)
const directory = mkdtempSync(join(tmpdir(), 'assent-registry-'))
const closing: (() => Promise<unknown>)[] = []

interface Answer {
  readonly status: number
  readonly body: { outcome?: string; tag?: { version: string }; errors?: { extensions: { code: string } }[] }
}

let url: string
let subgraph: string
beforeEach(async () => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    request.resume().on('end', () => response.end(JSON.stringify({ data: { a: 'one', b: 'two' } })))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => server.close())
  subgraph = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  const registry = await openRegistry({
    settings: readRegistrySettings(SETTINGS, 'registry.yaml'),
    key: keys.privateKey,
    host: '127.0.0.1',
    port: 0,
    clock: Date.now,
    log: () => undefined,
  })
  closing.push(() => registry.close())
  url = registry.url
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
  rmSync(directory, { recursive: true, force: true })
})

const post = async (path: string, token: string, body: object | string): Promise<Answer> => {
  const answer = await fetch(`${url}/registry/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}
const publish = (sdl: string, token = 'shop', file = 'shop.graphql') =>
  post('/tags/prod/publish', token, { files: [{ file, text: sdl }], urls: { shop: subgraph } })
const codeOf = ({ status, body }: Answer) =>
  `${status} ${body.errors?.[0]?.extensions.code ?? body.outcome ?? ''}`
const supergraphAt = (base: string) => `${base}/registry/v1/tags/prod/supergraph`

const gateway = async (supergraph: string, more: Record<string, unknown> = {}): Promise<RunningGateway> => {
  const settings = {
    profile: 'development',
    port: 0,
    logLevel: 'silent',
    supergraph,
    supergraphSource: {
      token: 'Bearer read',
      publicKeys: [publicKey],
      pollMs: 20,
      startMs: 0,
      ...more,
    },
  }
  const config = readConfig({
    env: {},
    yamlText: JSON.stringify(settings),
    yamlFile: 'assent.yaml',
    overrides: {},
    defaults: {},
  })
  const running = await startGateway(config)
  closing.push(() => running.close())
  return running
}
const ask = async (running: RunningGateway, query: string) => {
  const answer = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return (await answer.json()) as { data?: object }
}
const reasons = async (running: RunningGateway) => {
  const health = await fetch(`${running.url}/health/ready`)
  return `${health.status} ${await health.text()}`
}

describe('A registry over HTTP', () => {
  test('lets nobody in without a token, and each as far as their role goes', async () => {
    const sdl = 'type Query { a: String }'
    expect(codeOf(await publish(sdl, 'wrong'))).toBe('401 REGISTRY_TOKEN_REFUSED')
    expect(codeOf(await publish(sdl, 'read'))).toBe('403 REGISTRY_NOT_ALLOWED')
    expect(codeOf(await publish(sdl, 'shop', 'other.graphql'))).toBe('403 REGISTRY_NOT_ALLOWED')
    expect(codeOf(await publish(sdl, 'shop', 'policies/a.yaml'))).toBe('403 REGISTRY_NOT_ALLOWED')
    expect(codeOf(await publish(sdl))).toBe('200 published')
    expect(codeOf(await post('/tags/prod/move', 'shop', { version: 'a' }))).toBe('403 REGISTRY_NOT_ALLOWED')
  })

  test('looks at the token and at the stated length before it reads a body', async () => {
    const stated = async (path: string, token: string, bytes: number) => {
      const asking = askRaw(`${url}/registry/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': bytes,
        },
      }).on('error', () => undefined)
      asking.flushHeaders()
      const [{ statusCode }] = (await once(asking, 'response')) as [{ statusCode: number }]
      asking.destroy()
      return statusCode
    }
    const MIB = 1_048_576
    expect(await stated('/tags/prod/publish', 'wrong', 31 * MIB)).toBe(401)
    expect(await stated('/tags/prod/publish', 'read', 31 * MIB)).toBe(403)
    expect(await stated('/tags/prod/publish', 'shop', 33 * MIB)).toBe(413)
    expect(await stated('/tags/prod/move', 'ops', 5_000)).toBe(413)
    expect(await stated('/approvals', 'ops', 5_000)).toBe(403)
    expect(await stated('/tags/prod/uses', 'read', 3 * MIB)).toBe(413)
    expect(await stated('/nowhere', 'wrong', 5_000)).toBeGreaterThanOrEqual(400)
  })

  test('refuses what it does not understand, by its place', async () => {
    const refused: readonly (object | string)[] = [
      '{',
      { files: [{ file: '../shop.graphql', text: '' }] },
      { urls: { shop: 'file:///etc' } },
      { files: [], base: 7 },
    ]
    for (const body of refused)
      expect(codeOf(await post('/tags/prod/publish', 'ops', body))).toBe('400 REGISTRY_REQUEST_INVALID')
  })

  test('answers 304 to who has the newest, and who waits as soon as there is a newer one', async () => {
    await publish('type Query { a: String }')
    const headers = { authorization: 'Bearer read' }
    const first = await fetch(supergraphAt(url), { headers })
    const etag = first.headers.get('etag') ?? ''
    const known = { headers: { ...headers, 'if-none-match': etag } }
    expect((await fetch(supergraphAt(url), known)).status).toBe(304)
    const waiting = Array.from({ length: 20 }, () => fetch(`${supergraphAt(url)}?wait=60`, known))
    await publish('type Query { a: String b: String }')
    const answers = await Promise.all(waiting)
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(answers[0]?.headers.get('assent-sequence')).toBe('2')
  })
})

describe('A gateway that is fed by a registry', () => {
  test('serves a new field as soon as it is published, and goes back when the tag is moved back', async () => {
    const first = await publish('type Query { a: String }')
    const running = await gateway(supergraphAt(url), { pollMs: 60_000, waitSeconds: 30 })
    expect((await ask(running, '{ a }')).data).toEqual({ a: 'one' })
    await publish('type Query { a: String b: String }')
    await vi.waitFor(async () => expect((await ask(running, '{ b }')).data).toEqual({ b: 'two' }), {
      timeout: 10_000,
    })
    await post('/tags/prod/move', 'ops', { version: first.body.tag?.version })
    await vi.waitFor(async () => expect((await ask(running, '{ b }')).data).toBeUndefined(), {
      timeout: 10_000,
    })
    expect(await reasons(running)).toMatch(/^200/)
  })

  test('tells the registry which client uses what is deprecated, and nothing else', async () => {
    await publish('type Query { a: String b: String }')
    await publish('type Query { a: String b: String @deprecated(reason: "ask a") }')
    const running = await gateway(supergraphAt(url), { reportUsesMs: 20 })
    await ask(running, '{ a }')
    await ask(running, '{ b ...more } fragment more on Query { b }')
    const told = async () => {
      const answer = await fetch(`${url}/registry/v1/tags/prod/deprecations`, {
        headers: { authorization: 'Bearer read' },
      })
      return (await answer.json()) as { coordinate: string; uses: { client: string; count: number }[] }[]
    }
    await vi.waitFor(async () => expect((await told())[0]?.uses[0]?.count).toBe(1), { timeout: 10_000 })
    expect(await told()).toMatchObject([{ coordinate: 'Query.b', uses: [{ client: 'anyone', count: 1 }] }])
    expect(codeOf(await publish('type Query { a: String }'))).toMatch(
      /^(422 REGISTRY_(WINDOW_OPEN|BLOCKED)|202 pending)$/,
    )
  })

  test('refuses what is unsigned, forged or old, keeps what it serves, and says why', async () => {
    const old = { text: '', headers: new Headers() }
    const take = async () => {
      const answer = await fetch(supergraphAt(url), { headers: { authorization: 'Bearer read' } })
      return { text: await answer.text(), headers: answer.headers }
    }
    let between: (text: string, headers: Headers) => [string, Headers] = (text, headers) => [text, headers]
    const proxy = createServer((_, response) => {
      void take().then(({ text, headers }) => {
        const [body, told] = between(text, headers)
        for (const [name, value] of told) if (name.startsWith('assent-')) response.setHeader(name, value)
        response.end(body)
      })
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    closing.push(async () => proxy.close())
    await publish('type Query { a: String }')
    Object.assign(old, await take())
    await publish('type Query { a: String b: String }')
    const running = await gateway(supergraphAt(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`))
    const untilRefused = () =>
      vi.waitFor(async () => expect(await reasons(running)).toContain('SUPERGRAPH_UNSIGNED'), {
        timeout: 10_000,
      })
    const untilGood = async () => {
      between = (text, headers) => [text, headers]
      await vi.waitFor(async () => expect(await reasons(running)).not.toContain('SUPERGRAPH_UNSIGNED'), {
        timeout: 10_000,
      })
    }
    const evil = (text: string) => text.replace('b: String', 'b: String evil: String')
    const stranger = createPrivateKey(
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
    )
    const forged = (text: string, headers: Headers): Headers => {
      const told = new Headers(headers)
      const claim = {
        tag: 'prod',
        sequence: 9,
        version: 'f'.repeat(64),
        digest: sha256(evil(text)),
        issued: headers.get(CLAIM_HEADERS.issued) ?? '',
      }
      told.set(CLAIM_HEADERS.sequence, '9')
      told.set(CLAIM_HEADERS.version, claim.version)
      told.set(
        CLAIM_HEADERS.signature,
        sign(null, Buffer.from(claimStatement(claim)), stranger).toString('base64'),
      )
      return told
    }
    for (const attack of [
      (text: string): [string, Headers] => [evil(text), new Headers()],
      (text: string, headers: Headers): [string, Headers] => [evil(text), headers],
      (text: string, headers: Headers): [string, Headers] => [evil(text), forged(text, headers)],
      (): [string, Headers] => [old.text, old.headers],
    ]) {
      between = attack
      await untilRefused()
      expect((await ask(running, '{ b }')).data).toEqual({ b: 'two' })
      await untilGood()
    }
  })

  test('notices who repeats an old answer to a gateway that has just started, or "nothing has changed" for ever', async () => {
    let time = Date.now()
    const clock = (): number => time
    const proof = () =>
      supergraphProof({
        publicKeys: [publicKey],
        cache: null,
        url: supergraphAt(url),
        clock,
        maxAgeMs: 300_000,
      })
    const take = async (etag?: string) => {
      const answer = await fetch(supergraphAt(url), {
        headers: { authorization: 'Bearer read', ...(etag !== undefined && { 'if-none-match': etag }) },
      })
      const header = (name: string): string | null => answer.headers.get(name)
      return { status: answer.status, header, text: await answer.text() }
    }
    const refused = (act: () => void): string => {
      try {
        act()
        return 'taken'
      } catch (problem) {
        return String((problem as { code?: unknown }).code)
      }
    }
    await publish('type Query { a: String }')
    const first = await take()
    const running = proof()
    running.accept(first.header, first.text)
    const unchanged = await take(first.header('etag') ?? '')
    expect(unchanged.status).toBe(304)
    expect(refused(() => running.confirm(unchanged.header))).toBe('taken')
    expect(refused(() => running.confirm(() => null))).toBe('SUPERGRAPH_UNSIGNED')
    expect(refused(() => proof().confirm(unchanged.header))).toBe('SUPERGRAPH_UNSIGNED')
    await publish('type Query { a: String b: String }')
    const second = await take()
    running.accept(second.header, second.text)
    // Of the version before, though the registry has signed it a moment ago.
    expect(refused(() => running.confirm(unchanged.header))).toBe('SUPERGRAPH_UNSIGNED')
    expect(refused(() => proof().accept(second.header, second.text))).toBe('taken')
    time += 301_000
    expect(refused(() => proof().accept(first.header, first.text))).toBe('SUPERGRAPH_UNSIGNED')
    expect(refused(() => running.confirm(second.header))).toBe('SUPERGRAPH_UNSIGNED')
    const later = (name: string): string | null =>
      name === CLAIM_HEADERS.issued ? new Date(time).toISOString() : second.header(name)
    expect(refused(() => running.confirm(later))).toBe('SUPERGRAPH_UNSIGNED')
  })

  test('takes no other tag for its own, however the url is spelled', async () => {
    const sdl = 'type Query { a: String }'
    await publish(sdl)
    await post('/tags/staging/publish', 'ops', {
      files: [{ file: 'shop.graphql', text: `${sdl} type Secret { b: Int }` }],
    })
    const take = async (tag: string) => {
      const answer = await fetch(`${url}/registry/v1/tags/${tag}/supergraph`, {
        headers: { authorization: 'Bearer read' },
      })
      return { header: (name: string) => answer.headers.get(name), text: await answer.text() }
    }
    const [prod, staging] = await Promise.all([take('prod'), take('staging')])
    const proofAt = (path: string) =>
      supergraphProof({
        publicKeys: [publicKey],
        cache: null,
        url: `${url}${path}`,
        clock: Date.now,
        maxAgeMs: 300_000,
      })
    const refusal = expect.objectContaining({ code: 'SUPERGRAPH_UNSIGNED' })
    for (const path of [
      '/registry/v1/tags/prod/supergraph',
      '/registry/v1/tags/prod/supergraph/',
      '/registry/v1/tags/prod/supergraph//',
      '/registry/v1//tags//prod//supergraph',
      '/registry/v1/tags/%70rod/supergraph',
      '/registry/v1/%74ags/prod/super%67raph?wait=1',
      '/behind/a/proxy/tags/prod/supergraph/',
    ]) {
      const proof = proofAt(path)
      expect(() => proof.accept(staging.header, staging.text), path).toThrow(refusal)
      expect(() => proof.accept(prod.header, prod.text), path).not.toThrow()
    }
    expect(() => proofAt('/tags/%/supergraph').accept(prod.header, prod.text)).toThrow(refusal)
    // A url that names no tag stays with the one that it has begun with.
    const unnamed = proofAt('/graph')
    unnamed.accept(prod.header, prod.text)
    expect(() => unnamed.accept(staging.header, staging.text)).toThrow(refusal)
  })

  test('starts with the last good one while the registry is away, and says so; without one it does not start', async () => {
    await publish('type Query { a: String }')
    const cache = join(directory, 'cache/supergraph.json')
    const first = await gateway(supergraphAt(url), { cache })
    expect((await ask(first, '{ a }')).data).toEqual({ a: 'one' })
    const away = supergraphAt('http://127.0.0.1:1')
    const second = await gateway(away, { cache })
    expect((await ask(second, '{ a }')).data).toEqual({ a: 'one' })
    await vi.waitFor(async () => expect(await reasons(second)).toContain('SUPERGRAPH_UNAVAILABLE'), {
      timeout: 10_000,
    })
    await expect(gateway(away)).rejects.toMatchObject({ code: 'SUPERGRAPH_UNAVAILABLE' })
    const other = Buffer.alloc(32, 7).toString('base64')
    await expect(gateway(away, { cache, publicKeys: [other] })).rejects.toMatchObject({
      code: 'SUPERGRAPH_UNAVAILABLE',
    })
    await expect(gateway(away, { cache, publicKeys: [] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
