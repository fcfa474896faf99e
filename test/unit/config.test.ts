import { describe, expect, it } from 'vitest'
import { describeConfig, readConfig, requireProof } from '../../gateway/config.ts'
import { AssentError } from '../../gateway/errors.ts'

const development = { ASSENT_PROFILE: 'development' }

const faultsOf = (read: () => unknown): string[] => {
  try {
    read()
  } catch (problem) {
    if (problem instanceof AssentError && problem.code === 'CONFIG_INVALID')
      return problem.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
    throw problem
  }
  return []
}

describe('settings', () => {
  it('are the defaults when nothing is written, and frozen', () => {
    const config = readConfig({ env: development })
    expect(config).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      consentTimeoutMs: 500,
      decisionLogPolicy: 'required',
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('take a flag before the environment and the environment before the file', () => {
    const yamlText = 'port: 1\nlimits:\n  depth: 7\nhost: a.example\n'
    const config = readConfig({
      env: { ...development, ASSENT_PORT: '2', ASSENT_HOST: 'b.example' },
      yamlText,
      overrides: { port: '3' },
    })
    expect(config).toMatchObject({ port: 3, host: 'b.example', maxDepth: 7 })
  })

  it('read urls by name from a map and from text', () => {
    const yamlText =
      'subgraphs:\n  urls:\n    identity: http://one.example/graphql\n    features: https://two.example/\n'
    const expected = new Map([
      ['identity', 'http://one.example/graphql'],
      ['features', 'https://two.example/'],
    ])
    expect(readConfig({ env: development, yamlText }).subgraphUrls).toEqual(expected)
    const ASSENT_SUBGRAPHS_URLS = 'identity=http://one.example/graphql, features=https://two.example/'
    expect(readConfig({ env: { ...development, ASSENT_SUBGRAPHS_URLS } }).subgraphUrls).toEqual(expected)
  })

  it('are refused all at once, each with name, place and remedy', () => {
    const yamlText = 'port: high\nsubgraphs:\n  timeoutms: 3\n  urls:\n    identity: ftp://x\nprofile: test\n'
    const faults = faultsOf(() =>
      readConfig({ env: { ASSENT_LIMITS_DEPTH: '-1', ASSENT_PROT: '1' }, yamlText, yamlFile: 'my.yaml' }),
    )
    expect(faults).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^port \(my\.yaml:1\): is not a whole number from 0 to 65535\. /),
        expect.stringMatching(
          /^subgraphs\.timeoutms \(my\.yaml:3\): is not a setting\. Did you mean `subgraphs\.timeoutMs`\?$/,
        ),
        expect.stringMatching(/^subgraphs\.urls \(my\.yaml:5\): is not an http\(s\) url\. /),
        expect.stringMatching(/^profile \(my\.yaml:6\): is none of development, production\. /),
        expect.stringMatching(/^limits\.depth \(ASSENT_LIMITS_DEPTH\): /),
        expect.stringMatching(
          /^ASSENT_PROT \(environment\): is not a setting\. Did you mean `ASSENT_PORT`\?$/,
        ),
      ]),
    )
  })

  it.each(['a: [b', 'a: *b', '- port', 'port: 1\nport: 2', 'subgraphs: {urls: {a: &x http://a, b: *x}}'])(
    'are refused when the file is %j',
    (yamlText) => expect(faultsOf(() => readConfig({ env: development, yamlText }))).not.toEqual([]),
  )

  it('ask in production for a secret and for a way to prove tokens, where a graph holds personal data', () => {
    const faults = faultsOf(() => requireProof(readConfig({ env: {} }))).map((line) => line.split(' ')[0])
    expect(faults).toEqual(['grant.secret', 'jwt.issuer', 'jwt.audience', 'jwt.jwksUrl'])
  })

  it('refuse two sources of keys', () => {
    const env = {
      ...development,
      ASSENT_JWT_JWKS_URL: 'https://i.example/keys',
      ASSENT_JWT_PUBLIC_KEY_FILE: 'k',
      ASSENT_JWT_ISSUER: 'i',
      ASSENT_JWT_AUDIENCE: 'a',
    }
    expect(faultsOf(() => readConfig({ env }))).toHaveLength(1)
  })

  it('refuse a symmetric or absent signature algorithm', () => {
    for (const ASSENT_JWT_ALGORITHMS of ['HS256', 'none', '']) {
      expect(faultsOf(() => readConfig({ env: { ...development, ASSENT_JWT_ALGORITHMS } }))).toHaveLength(1)
    }
  })

  it('name a missing setting that the command needs', () => {
    expect(faultsOf(() => readConfig({ env: development, required: ['supergraph'] }))[0]).toMatch(
      /^supergraph \(ASSENT_SUPERGRAPH\): is missing\./,
    )
  })

  it('never show a secret, nor repeat one that is wrong', () => {
    const secret = 'a-grant-secret-that-is-long-enough-to-be-one'
    const rows = describeConfig(readConfig({ env: { ...development, ASSENT_GRANT_SECRET: secret } }))
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(rows).toContainEqual({ name: 'grant.secret', value: '***' })
    const faults = faultsOf(() =>
      readConfig({ env: { ...development, ASSENT_GRANT_SECRET: 'short-secret' } }),
    )
    expect(faults.join()).toMatch(/grant\.secret/)
    expect(faults.join()).not.toContain('short-secret')
  })
})
