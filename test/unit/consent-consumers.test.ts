import { describe, expect, test } from 'vitest'
import { consentConsumers } from '../../gateway/consent-consumers.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const webhook = { name: 'crm', kind: 'webhook', url: 'https://crm.example/consent', secrets: [SECRET] }
const pull = { name: 'warehouse', kind: 'pull', token: 'a token that is thirty-two letters' }
const nats = { name: 'bus', kind: 'nats', url: 'nats://127.0.0.1:4222' }

describe('consent.consumers', () => {
  test('is read with what is usual where nothing is said', () => {
    expect(consentConsumers([webhook, pull, nats])).toMatchObject([
      { name: 'crm', kind: 'webhook', scopes: null, slaMs: 300_000, from: 'beginning', secrets: [SECRET] },
      { name: 'warehouse', kind: 'pull', url: null },
      { name: 'bus', kind: 'nats', stream: 'ASSENT_CONSENT', token: null },
    ])
  })

  test('may be JSON text, from the environment', () => {
    expect(consentConsumers(JSON.stringify([pull]))).toMatchObject([{ name: 'warehouse' }])
  })

  test.each<[string, unknown, RegExp]>([
    ['a consumer of no kind', [{ name: 'crm' }], /none of pull, webhook, nats/],
    ['a name that is part of no address', [{ ...pull, name: 'Ware house' }], /small letters/],
    ['the same name twice', [pull, pull], /twice/],
    ['a token anybody could guess', [{ ...pull, token: 'secret' }], /shorter than 32/],
    ['a consumer that fetches, without a token', [{ name: 'shop', kind: 'pull' }], /without `token`/],
    ['a webhook without a secret', [{ ...webhook, secrets: undefined }], /without `secrets`/],
    ['a secret that is short', [{ ...webhook, secrets: ['whsec_c2hvcnQ='] }], /24 to 64 bytes/],
    [
      'a webhook over the open',
      [{ ...webhook, url: 'http://crm.example/' }],
      /neither https nor on this machine/,
    ],
    [
      'a webhook at the metadata of a cloud',
      [{ ...webhook, url: 'http://169.254.169.254/' }],
      /neither https/,
    ],
    ['a name in the url', [{ ...webhook, url: 'https://me:hunter2@crm.example/' }], /name or password/],
    ['another protocol', [{ ...webhook, url: 'file:///etc/passwd' }], /not an http/],
    ['a password in the url of NATS', [{ ...nats, url: 'nats://a:hunter2@bus.example' }], /use `token`/],
    ['a setting of another kind', [{ ...pull, url: 'https://crm.example/' }], /knows only/],
    ['no scopes at all', [{ ...pull, scopes: [] }], /no list/],
    ['a map', { crm: webhook }, /not a list/],
    ['something that is no JSON', '[{', /not JSON/],
  ])('refuses %s, and quotes nothing of it', (_what, written, problem) => {
    expect(() => consentConsumers(written)).toThrow(problem)
    expect(() => consentConsumers(written)).not.toThrow(/hunter2|169\.254|c2hvcnQ/)
  })

  test('takes plain http to this very machine', () => {
    expect(consentConsumers([{ ...webhook, url: 'http://127.0.0.1:9000/hook' }])).toHaveLength(1)
  })
})
