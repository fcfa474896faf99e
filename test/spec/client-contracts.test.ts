import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { compose } from '../../schema/compose.ts'
import { dataFlow } from '../../schema/data-flow.ts'
import { dataFlowMermaid } from '../../schema/data-flow-mermaid.ts'
import { dataFlowSvg } from '../../schema/data-flow-svg.ts'
import { readContracts } from '../../gateway/adapters/contract-files.ts'
import { clientFields, fieldFaults, unknownTexts } from '../../cli/client-fields.ts'
import { REVIEW } from '../support/contract-review.ts'

const SHOP = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@tag", "@inaccessible"])
    @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject", "@dataContract"])
  type Query { customer(id: ID!): Customer products: [Product!]! }
  type Product { sku: ID! buyers: [Customer!]! }
  type Customer @key(fields: "id") @dataSubject(key: "id") @dataContract(owner: "crm", classification: "personal", retention: "P2Y") {
    id: ID!
    email: String @requiresScope(scope: "crm_contact") @dataContract(owner: "crm <b>", consumers: ["support"])
    basket: Basket @requiresScope(scope: "product_recs")
    note: String @tag(name: "internal")
    score: Float @inaccessible @requiresScope(scope: "profiling")
  }
  type Basket { lines: [String!]! shared: Customer }
`
const { supergraph } = compose([{ name: 'shop', url: 'http://127.0.0.1:1', sdl: SHOP }])
const { world, fieldsOf } = clientFields(supergraph ?? '', standardVocabulary)
const directory = mkdtempSync(join(tmpdir(), 'assent-clients-'))
afterAll(() => rmSync(directory, { recursive: true }))

const contract = (yaml: string) => {
  const file = { file: join(directory, 'c.yaml'), text: `client: c\n${REVIEW}${yaml}` }
  const found = readContracts([file], standardVocabulary).find('c')
  if (found === undefined) throw new Error('no contract')
  return found
}
const obtained = (yaml: string) => fieldsOf(contract(yaml)).map(({ coordinate }) => coordinate)

describe('the union of the fields about people that a client can ever obtain', () => {
  test('ends where no purpose of the client has the scopes, and goes no further behind it', () => {
    expect(obtained('purposes: [customer_service]\nscopes: [crm_contact]\n')).toEqual([
      'Customer.email',
      'Customer.id',
      'Customer.note',
    ])
    expect(obtained('purposes: [personalization]\nscopes: [product_recs]\n')).toEqual([
      'Basket.lines',
      'Basket.shared',
      'Customer.basket',
      'Customer.id',
      'Customer.note',
    ])
  })

  test('is counted for each purpose alone: scopes of two purposes never come together', () => {
    expect(fieldsOf(contract('purposes: [analytics, customer_service]\nscopes: [crm_contact]\n'))).toEqual([
      { coordinate: 'Customer.email', purposes: ['customer_service'], scopes: ['crm_contact'] },
      { coordinate: 'Customer.id', purposes: ['analytics', 'customer_service'], scopes: [] },
      { coordinate: 'Customer.note', purposes: ['analytics', 'customer_service'], scopes: [] },
    ])
  })

  test('has nothing that is inaccessible, or that the tags of the contract leave out', () => {
    expect(obtained('purposes: [advertising]\nscopes: [profiling]\n')).not.toContain('Customer.score')
    expect(obtained('purposes: []\nscopes: []\ntags:\n  exclude: [internal]\n')).toEqual([])
    expect(obtained('purposes: [analytics]\nscopes: []\ntags:\n  exclude: [internal]\n')).toEqual([
      'Customer.id',
    ])
  })

  test('is what its registered operations select, where it may send no others', () => {
    const text = 'query Mail { customer(id: "x") { ...who } } fragment who on Customer { mail: email }'
    const sha256 = createHash('sha256').update(text).digest('hex')
    writeFileSync(join(directory, 'trusted.json'), JSON.stringify({ [sha256]: text }))
    const yaml = `purposes: [customer_service]\nscopes: [crm_contact, product_recs]\noperationsOnly: true\noperations:\n  Mail:\n    purpose: customer_service\n    sha256: ${sha256}\n`
    expect(obtained(`${yaml}trustedDocuments: trusted.json\n`)).toEqual(['Customer.email'])
    expect(unknownTexts(contract(`${yaml}trustedDocuments: trusted.json\n`))).toEqual([])
    expect(unknownTexts(contract(yaml))).toEqual(['Mail'])
  })

  test('equals what the contract declares: more and less are told', () => {
    const declared = contract(
      'purposes: [customer_service]\nscopes: [crm_contact]\nfields: [Customer.id, Customer.note, Customer.basket]\n',
    )
    expect(
      fieldFaults(declared, fieldsOf(declared)).map(({ name, problem }) => `${name} ${problem}`),
    ).toEqual([
      'Customer.email can be obtained for customer_service and is not among `fields`.',
      'Customer.basket is among `fields` and can never be obtained.',
    ])
  })
})

describe('the map of where data about people flows', () => {
  const flowing = (client: string) => ({
    client,
    owner: 'team "x" <script>',
    destinations: ['mail]|"house'],
    regions: ['DE'],
    fields: fieldsOf(contract('purposes: [customer_service]\nscopes: [crm_contact]\n')),
  })

  test('is the same whatever the order of the files', () => {
    const one = dataFlow(world.supergraph, [flowing('support'), flowing('a')])
    const other = dataFlow(world.supergraph, [flowing('a'), flowing('support')])
    expect(dataFlowMermaid(one)).toBe(dataFlowMermaid(other))
    expect(dataFlowSvg(one)).toBe(dataFlowSvg(other))
    expect(one.toClients.filter(({ isDeclared }) => !isDeclared)).toMatchObject([
      { coordinate: 'Customer.email', client: 'a' },
    ])
  })

  test('takes names for text, in whatever they are written', () => {
    const flow = dataFlow(world.supergraph, [flowing('a')])
    const svg = dataFlowSvg(flow)
    expect(svg).not.toMatch(/<script|<b>/)
    expect(svg).toContain('crm &#60;b&#62;')
    const mermaid = dataFlowMermaid(flow)
    expect(mermaid).toContain('"mail#93;#124;#34;house"')
    expect(mermaid).toContain('-.->|"customer_service"|')
    expect(mermaid.split('\n').filter((line) => /<(?!br\/>)/.test(line))).toEqual([])
  })
})

describe('assent clients', () => {
  const run = promisify(execFile)
  const clients = (...args: string[]) =>
    run('node_modules/.bin/tsx', ['cli/assent.ts', 'clients', ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    )

  test('check finds that the contracts that ship obtain what they declare, and no more', async () => {
    expect(await clients('check')).toMatchObject({ code: 0 })
  })

  test('check refuses a contract that could learn more, and one without the answers of its review', async () => {
    const wider = readFileSync('clients/adtech.yaml', 'utf8').replace('[third_party_sharing', '[analytics')
    writeFileSync(join(directory, 'adtech.yaml'), wider)
    const told = await clients('check', '--clients', directory)
    expect(told).toMatchObject({ code: 1 })
    expect(told.stdout).toContain('Customer.devices')
    writeFileSync(join(directory, 'adtech.yaml'), 'client: adtech\npurposes: []\nscopes: []\n')
    const refused = await clients('check', '--clients', directory)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/CONTRACTS_INVALID[^]*review\.control \(.*adtech\.yaml:1\): is missing/)
    rmSync(join(directory, 'adtech.yaml'))
  })
})
