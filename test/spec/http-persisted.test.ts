import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { print } from 'graphql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { REVIEW } from '../support/contract-review.ts'
import { contractsInDirectory } from '../../gateway/adapters/contract-files.ts'
import { identify } from '../../gateway/caller/identify.ts'
import type { HttpDoor } from '../../gateway/door/http-door.ts'
import type { PersistedDocumentsOptions } from '../../gateway/door/persisted-documents.ts'
import { readConfig } from '../../gateway/config.ts'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { startGateway } from '../../gateway/server.ts'
import { readTrustedDocuments } from '../../gateway/trusted-documents.ts'
import { openTestDoor } from '../support/open-test-door.ts'
import type { TestDoorOptions } from '../support/open-test-door.ts'

const executed: string[] = []
let door: HttpDoor
beforeEach(() => void (executed.length = 0))
afterEach(() => door.close())

const open = async (
  persisted: Partial<PersistedDocumentsOptions> = {},
  others: Partial<TestDoorOptions> = {},
): Promise<void> => {
  door = await openTestDoor({
    execute: async ({ document }) => {
      executed.push(print(document).replaceAll(/\s+/g, ' '))
      return { data: new JsonText('{}') }
    },
    persisted: { automatic: true, mode: 'allowed', trusted: null, ...persisted },
    ...others,
  })
}

const TEXT = '{ customers { pid } }'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hashed = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
})

const post = async (body: object, headers: Record<string, string> = {}): Promise<string> => {
  const response = await fetch(`${door.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return told(response)
}

const told = async (response: Response): Promise<string> => {
  const { errors } = (await response.json()) as {
    errors?: { message: string; extensions: { code: string } }[]
  }
  return `${response.status} ${errors?.[0]?.extensions.code ?? 'answered'}`
}

describe('An automatic persisted query', () => {
  it('is asked by its hash once its text was sent with it', async () => {
    await open()
    expect(await post(hashed(sha256(TEXT)))).toBe('200 PERSISTED_QUERY_NOT_FOUND')
    expect(await post({ query: TEXT, ...hashed(sha256(TEXT)) })).toBe('200 answered')
    expect(await post(hashed(sha256(TEXT)))).toBe('200 answered')
    const search = new URLSearchParams({ extensions: JSON.stringify(hashed(sha256(TEXT)).extensions) })
    const got = await fetch(`${door.url}/graphql?${search.toString()}`, {
      headers: { 'graphql-require-preflight': '1' },
    })
    expect(got.headers.get('cache-control')).toBe('private, no-store')
    expect(await told(got)).toBe('200 answered')
    expect(executed).toHaveLength(3)
  })

  it('that is unknown is told in the word clients compare', async () => {
    await open()
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' }
    const body = JSON.stringify(hashed(sha256(TEXT)))
    const response = await fetch(`${door.url}/graphql`, { method: 'POST', headers, body })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] })
  })

  it('under a hash of something else is neither executed nor kept', async () => {
    await open()
    const mutation = 'mutation { touch }'
    expect(await post({ query: mutation, ...hashed(sha256(TEXT)) })).toBe('400 PERSISTED_QUERY_MISMATCH')
    expect(await post(hashed(sha256(TEXT)))).toBe('200 PERSISTED_QUERY_NOT_FOUND')
    expect(await post({ query: mutation, ...hashed(sha256(mutation).toUpperCase()) })).toBe(
      '400 PERSISTED_QUERY_MISMATCH',
    )
    expect(executed).toEqual([])
  })

  it('that does not fit the schema, or goes over the limits, is not kept', async () => {
    await open({}, { limits: { ...DEFAULT_LIMITS, depth: 3 } })
    for (const query of ['{ nothing }', '{', '{ customers { friends { friends { pid } } } }']) {
      expect(await post({ query, ...hashed(sha256(query)) })).not.toMatch('answered')
      expect(await post(hashed(sha256(query)))).toBe('200 PERSISTED_QUERY_NOT_FOUND')
    }
  })

  it('does not execute a mutation by GET', async () => {
    await open()
    const query = 'mutation { touch }'
    expect(await post({ query, ...hashed(sha256(query)) })).toBe('200 answered')
    const search = new URLSearchParams({ extensions: JSON.stringify(hashed(sha256(query)).extensions) })
    const got = await fetch(`${door.url}/graphql?${search.toString()}`, {
      headers: { 'graphql-require-preflight': '1' },
    })
    expect(await told(got)).toBe('405 MUTATION_BY_GET')
    expect(executed).toHaveLength(1)
  })

  it.each([
    ['of another version', hashed(sha256(TEXT), 2)],
    ['with a hash that is no text', hashed(7)],
    ['that is a text', { extensions: { persistedQuery: 'x' } }],
  ])('%s is refused', async (_, body) => {
    await open()
    expect(await post(body)).toBe('400 PARAMETERS_INVALID')
    expect(await post({ query: TEXT, ...body })).toBe('400 PARAMETERS_INVALID')
  })

  it('null counts as absent, and names of objects name nothing', async () => {
    await open()
    expect(await post({ query: TEXT, extensions: { persistedQuery: null } })).toBe('200 answered')
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(await post(hashed(name))).toBe('200 PERSISTED_QUERY_NOT_FOUND')
  })

  it('is forgotten when others were asked since: the memory is bounded', async () => {
    await open({ mostCharacters: 130 })
    const texts = ['pid', 'email', '__typename'].map((field) => `{ customers { ${field} } }`.padEnd(40))
    for (const query of texts) await post({ query, ...hashed(sha256(query)) })
    // The first was asked last, so the second goes.
    await post(hashed(sha256(texts[0] ?? '')))
    await post({ query: '{ __typename }', ...hashed(sha256('{ __typename }')) })
    expect(await post(hashed(sha256(texts[0] ?? '')))).toBe('200 answered')
    expect(await post(hashed(sha256(texts[1] ?? '')))).toBe('200 PERSISTED_QUERY_NOT_FOUND')
  })

  it('is refused where it is turned off', async () => {
    await open({ automatic: false })
    expect(await post({ query: TEXT, ...hashed(sha256(TEXT)) })).toBe('200 answered')
    expect(await post(hashed(sha256(TEXT)))).toBe('200 PERSISTED_QUERY_NOT_SUPPORTED')
  })
})

const trusted = (manifest: object) =>
  readTrustedDocuments(JSON.stringify(manifest), 'manifest.json').documents

const APOLLO = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: sha256(TEXT), name: 'A', type: 'query', body: TEXT }],
}

describe('A trusted document', () => {
  it.each([
    ['of a manifest of Apollo, by hash', APOLLO, hashed(sha256(TEXT))],
    ['of a manifest of Relay, by id', { 'customers-1': TEXT }, { id: 'customers-1' }],
    ['of a manifest of Hive, by document id', { 'web~1~abc': TEXT }, { documentId: 'web~1~abc' }],
  ])('%s', async (_, manifest, body) => {
    await open({ trusted: trusted(manifest), mode: 'required' })
    expect(await post(body)).toBe('200 answered')
    expect(executed).toEqual([TEXT])
  })

  it('is all that is served where it is required', async () => {
    await open({ trusted: trusted(APOLLO), mode: 'required' })
    expect(await post({ query: TEXT })).toBe('200 answered')
    executed.length = 0
    const other = '{ customers { email } }'
    expect(await post({ query: other })).toBe('403 QUERY_NOT_IN_SAFELIST')
    expect(await post({ query: `${TEXT} ` })).toBe('403 QUERY_NOT_IN_SAFELIST')
    expect(await post({ query: other, documentId: sha256(TEXT) })).toBe('403 QUERY_NOT_IN_SAFELIST')
    expect(await post({ query: other, ...hashed(sha256(other)) })).toBe('403 QUERY_NOT_IN_SAFELIST')
    expect(await post(hashed(sha256(other)))).toBe('404 PERSISTED_QUERY_NOT_IN_LIST')
    expect(await post({ documentId: 'constructor' })).toBe('404 PERSISTED_QUERY_NOT_IN_LIST')
    expect(executed).toEqual([])
  })

  it('beside others where it is allowed, and nothing special where it is off', async () => {
    await open({ trusted: trusted(APOLLO) })
    expect(await post({ query: '{ customers { email } }' })).toBe('200 answered')
    expect(await post({ documentId: sha256(TEXT) })).toBe('200 answered')
    expect(await post({ documentId: 'other' })).toBe('404 PERSISTED_QUERY_NOT_IN_LIST')
    await door.close()
    await open({ trusted: trusted(APOLLO), mode: 'off' })
    expect(await post({ documentId: sha256(TEXT) })).toBe('200 PERSISTED_QUERY_NOT_SUPPORTED')
  })

  it('is still held to the limits', async () => {
    const limits = { ...DEFAULT_LIMITS, depth: 1 }
    await open({ trusted: trusted(APOLLO) }, { limits })
    expect(await post({ documentId: sha256(TEXT) })).toBe('400 OPERATION_TOO_LARGE')
  })
})

describe('A client with documents of its own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-trusted-'))
  const OWN = '{ customers { email } }'
  const contract = (client: string, more: string): string =>
    `client: ${client}\npurposes: [personalization]\nscopes: []\n${REVIEW}${more}`

  const openWithClients = (mode: PersistedDocumentsOptions['mode']): Promise<void> => {
    writeFileSync(join(directory, 'own.json'), JSON.stringify({ own: OWN }))
    writeFileSync(join(directory, 'shop.yaml'), contract('shop', 'trustedDocuments: own.json\n'))
    writeFileSync(join(directory, 'other.yaml'), contract('other', ''))
    const contracts = contractsInDirectory(directory, standardVocabulary)
    return open(
      { trusted: trusted({ shared: TEXT }), mode },
      {
        identify: (request) =>
          identify(request, {
            profile: 'development',
            contracts,
            verifier: undefined,
            vocabulary: standardVocabulary,
          }),
      },
    )
  }

  it('is served those, and no others', async () => {
    await openWithClients('required')
    const [shop, other] = [{ 'x-assent-client': 'shop' }, { 'x-assent-client': 'other' }]
    expect(await post({ documentId: 'own' }, shop)).toBe('200 answered')
    expect(await post({ query: OWN }, shop)).toBe('200 answered')
    expect(await post({ documentId: 'shared' }, shop)).toBe('404 PERSISTED_QUERY_NOT_IN_LIST')
    expect(await post({ query: TEXT }, shop)).toBe('403 QUERY_NOT_IN_SAFELIST')
    expect(await post({ documentId: 'own' }, other)).toBe('404 PERSISTED_QUERY_NOT_IN_LIST')
    expect(await post({ query: OWN }, other)).toBe('403 QUERY_NOT_IN_SAFELIST')
    expect(await post({ documentId: 'shared' }, other)).toBe('200 answered')
  })

  it('is refused at the start, with every fault, when they cannot be read', async () => {
    await open()
    writeFileSync(join(directory, 'own.json'), JSON.stringify({ a: '{', b: 7 }))
    expect(() => contractsInDirectory(directory, standardVocabulary)).toThrow(
      /a \(own\.json\): is not a GraphQL document[^]*b \(own\.json\): has no document text/,
    )
    writeFileSync(join(directory, 'shop.yaml'), contract('shop', 'trustedDocuments: nowhere.json\n'))
    expect(() => contractsInDirectory(directory, standardVocabulary)).toThrow(
      /trustedDocuments \(.*shop\.yaml:9\): cannot be read/,
    )
  })
})

describe('A manifest', () => {
  const faultsOf = (json: string): string[] =>
    readTrustedDocuments(json, 'manifest.json').faults.map(({ name, problem }) => `${name} ${problem}`)

  it.each([
    ['{', ['manifest is not a JSON object.']],
    ['[]', ['manifest is not a JSON object.']],
    ['{"format":"other"}', ['manifest is none of the known formats and versions.']],
    [JSON.stringify({ ...APOLLO, version: 2 }), ['manifest is none of the known formats and versions.']],
    [JSON.stringify({ ...APOLLO, operations: {} }), ['manifest is none of the known formats and versions.']],
    [
      JSON.stringify({ ...APOLLO, operations: [{ body: TEXT }, 7, { id: 'a' }, { id: 'b', body: '{' }] }),
      [
        'operations[0] has no id.',
        'operations[1] has no id.',
        'a has no document text.',
        'b is not a GraphQL document.',
      ],
    ],
    [
      JSON.stringify({ ...APOLLO, operations: [...APOLLO.operations, ...APOLLO.operations] }),
      [`${sha256(TEXT)} is listed twice.`],
    ],
    ['{"__proto__":"{ a }"}', []],
  ])('%s', async (json, faults) => {
    await open()
    expect(faultsOf(json)).toEqual(faults)
  })

  it('that is wrong keeps the gateway from starting, and every fault is told', async () => {
    await open()
    const file = join(mkdtempSync(join(tmpdir(), 'assent-manifest-')), 'manifest.json')
    writeFileSync(file, JSON.stringify({ a: '{', b: 7 }))
    const config = readConfig({
      env: {},
      overrides: { port: '0', logLevel: 'silent', persistedManifest: file },
    })
    const start = startGateway(config, { supergraph: '' })
    await expect(start).rejects.toThrow(/^The manifest[^]*\n {2}a \([^]*\n {2}b \(/)
  })
})
