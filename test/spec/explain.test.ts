import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { explain, type Explanation } from '../../gateway/explain.ts'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { callerWith, createWorld, NOW, statesOf } from '../support/world.ts'

const world = createWorld(peopleGraph)
const PEOPLE = ['ada', 'bo', 'cyd', 'dee']

const explained = (text: string, scopes: readonly string[] = world.vocabularyScopes): Promise<Explanation> =>
  explain({
    supergraph: world.supergraph,
    text,
    variables: {},
    caller: callerWith({ scopes }),
    people: statesOf(peopleGraph.consents, PEOPLE),
    limits: DEFAULT_LIMITS,
    clock: () => NOW,
  })

const ASKED_OF_ALL = '{ people(ids: ["ada", "bo", "cyd", "dee"]) { name email ssn churn hint } }'

describe('an explanation says what would be done, without doing it', () => {
  it('names the people each lookup would treat alike, and what would be asked for them', async () => {
    const { foreseen } = await explained('{ people(ids: []) { name email ssn } }')
    expect(
      foreseen.map(({ subjects, granted, denied, asks }) => [
        subjects.join(),
        granted.join(),
        denied.map(({ coordinate, reason }) => `${coordinate} ${reason}`).join(),
        asks,
      ]),
    ).toEqual([
      ['ada', 'Person.email,Person.ssn', '', '{ ... on Person { email ssn } }'],
      ['bo', '', 'Person.email REFUSED,Person.ssn REFUSED', null],
      ['cyd', 'Person.email', 'Person.ssn EXPIRED', '{ ... on Person { email } }'],
      ['dee', '', 'Person.email NOT_GIVEN,Person.ssn NOT_GIVEN', null],
    ])
  })

  it.each([ASKED_OF_ALL, '{ people(ids: ["ada", "bo", "cyd", "dee"]) { churn } }'])(
    'withholds what the gateway withholds from the same people: %s',
    async (query) => {
      const { withheld } = await explained(query)
      const { withheld: really } = await world.ask(query)
      const foreseen = withheld.map(({ coordinate, reason, subjects }) => {
        return `${coordinate} people.@.${coordinate.split('.')[1]} ${reason} ${subjects?.length}`
      })
      expect(foreseen.toSorted()).toEqual(really.toSorted())
    },
  )

  it('asks what the gateway sends, for as many partitions', async () => {
    const { foreseen } = await explained(ASKED_OF_ALL)
    const { sent } = await world.ask(ASKED_OF_ALL)
    const partitions = new Set(
      foreseen.flatMap(({ lookup, partition }) => (partition === null ? [] : [`${lookup} ${partition}`])),
    )
    const instead = new Set(foreseen.flatMap(({ lookup, instead: asks }) => (asks === null ? [] : [lookup])))
    const travelled = sent.flatMap(({ grant }) => Object.keys(grant.lookups))
    expect(travelled).toHaveLength(partitions.size + instead.size)
  })

  it('says what this caller can never get, and plans nothing for it', async () => {
    const { stripped, plan, foreseen } = await explained(
      '{ person(id: "bo") { name mail: email household { ssn } } }',
      ['contact'],
    )
    expect(stripped).toEqual([
      { coordinate: 'Person.ssn', path: 'person.household.ssn', scopes: ['identity_strong'] },
    ])
    expect(JSON.stringify(plan)).not.toContain('ssn')
    expect(foreseen.flatMap(({ denied }) => denied.map(({ coordinate }) => coordinate))).not.toContain(
      'Person.ssn',
    )
  })

  it('shows the default for nobody in particular where there is one', async () => {
    const { foreseen, withheld } = await explained('{ people(ids: []) { hint } }')
    expect(foreseen.find(({ subjects }) => subjects.includes('bo'))).toMatchObject({
      asks: null,
      instead: '{ ... on Person { hint } }',
    })
    expect(withheld[0]).toMatchObject({ instead: 'ANONYMOUS' })
  })

  it('refuses an operation that does not fit, with its place', async () => {
    await expect(explained('{ nobody }')).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
    await expect(explained('{\n  people %')).rejects.toMatchObject({
      code: 'GRAPHQL_PARSE_FAILED',
      message: expect.stringContaining('document 2:10') as string,
    })
  })
})

describe('assent explain', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-explain-'))
  const file = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content)
    return join(directory, name)
  }
  const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', 'tsx', 'cli/assent.ts', 'explain', ...args],
        { env: { PATH: process.env['PATH'] } },
        (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      )
    })
  let supergraph = ''
  beforeAll(async () => {
    supergraph = join(directory, 'supergraph.graphql')
    const args = ['--import', 'tsx', 'cli/assent.ts', 'schema', 'compose', 'subgraphs', '-o', supergraph]
    const compose = execFile(process.execPath, args)
    await once(compose, 'close')
  })

  it('prints scopes, plan, partitions and what would be withheld, and reaches no subgraph', async () => {
    let asked = 0
    const subgraph = createServer((_, response) => {
      asked += 1
      response.end('{}')
    }).listen(0, '127.0.0.1')
    await once(subgraph, 'listening')
    const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`
    const settings = file(
      'assent.yaml',
      `consent:\n  url: ${url}\nsubgraphs:\n  urls:\n    identity: ${url}\n`,
    )
    const query = file('query.graphql', '{ customers(first: 2) { nodes { pid email household { id } } } }')
    const consents = file(
      'consents.yaml',
      'ada: [crm_contact]\nbo: { crm_contact: withdrawn }\ncyd: SUPPRESSED\n',
    )
    const flags = ['--supergraph', supergraph, '--config', settings, '--purpose', 'customer_service']
    const { code, out } = await run(query, ...flags, '--subject-consent', consents, 'dee=')
    subgraph.close()
    expect([code, asked]).toEqual([0, 0])
    expect(out).toMatch(/explorer, for customer_service/)
    expect(out).toMatch(/Customer\.household +at customers\.nodes\.household +profiling/)
    expect(out).toMatch(/Fetch query in identity\n.*asks +\{ customers\(first:2\) \{ nodes \{/)
    expect(out).toMatch(/Customer\.email needs crm_contact/)
    expect(out).toMatch(/people +ada, as Customer\n.*granted Customer\.email/)
    expect(out).toMatch(/Customer\.email +WITHDRAWN +crm_contact +bo\n.*SUPPRESSED +crm_contact +cyd\n.*dee/)
    expect(out).toContain('Nothing was sent.')
    const { out: json } = await run(query, ...flags, '--json')
    expect(JSON.parse(json)).toMatchObject({ caller: { client: 'explorer' }, foreseen: [] })
  })

  it('names every consent that does not fit', async () => {
    const query = file('short.graphql', '{ customers { nodes { email } } }')
    const wrong = ['ada=crm_contct', 'bo=crm_contact:taken', 'nobody.yaml']
    const { code, err } = await run(query, '--supergraph', supergraph, '--subject-consent', ...wrong)
    expect(code).toBe(2)
    expect(err).toMatch(/nobody\.yaml[^]*crm_contct[^]*Did you mean `crm_contact`[^]*taken/)
  })
})
