import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Engine, openPglite } from '../../subgraphs/database.ts'
import { importCrmCsv } from '../../subgraphs/identity/crm-csv.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { openStores } from '../../subgraphs/open-stores.ts'
import { everythingIn } from '../support/everything-in.ts'
import { type Collector, startCollector } from '../support/observed-gateway.ts'
import { CANARIES, canariesIn, canariesInFiles } from '../support/raw-canaries.ts'

const HEADER = 'rec_id,source,given_name,surname,email,phone,date_of_birth,company,national_id,street\n'
const STAFF = `staff:
  - { person: cyd, names: [cyd], roles: [requester] }
  - { person: dee, names: [dee], roles: [approver] }
  - { person: bo, names: [bo], roles: [approver] }
`

/** All that a running service wrote or said, but for what it answered on purpose. */
const heard: Record<'logs' | 'errors', string> = { logs: '', errors: '' }
let data: string
let collector: Collector
let metrics = ''
let pid = ''
let redeemed: unknown
let email: unknown

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'assent-canary-'))
  collector = await startCollector()
  await importCanaries()
  const service = await startService()
  try {
    await useService(service)
    metrics = await (await fetch(service.metricsUrl)).text()
  } finally {
    service.child.kill('SIGTERM')
    await once(service.child, 'exit')
    await collector.close()
  }
}, 180_000)
afterAll(() => rmSync(data, { recursive: true, force: true }))

describe('a raw value', () => {
  it('was there: it is answered to who may have it', () => {
    expect(email).toBe(CANARIES.email)
    expect(redeemed).toEqual([
      { field: 'EMAIL', values: [CANARIES.email] },
      { field: 'DATE_OF_BIRTH', values: [CANARIES.birthDate] },
      { field: 'DEVICES', values: [CANARIES.device] },
    ])
    expect(collector.bodies.length).toBeGreaterThan(0)
    expect(heard.logs).toContain('"msg":"request"')
  })

  it('is in no log line, no span, no metric and no error', () => {
    expect(canariesIn(heard.logs)).toEqual([])
    expect(canariesIn(collector.bodies.join('\n'))).toEqual([])
    expect(canariesIn(metrics)).toEqual([])
    expect(heard.errors).toContain('INVALID_SUBJECT')
    expect(canariesIn(heard.errors)).toEqual([])
  })

  it('is in no table of any schema, the vault’s included, and in no file of the data directory', async () => {
    const engine = await openPglite({ dataDir: join(data, 'pglite') })
    const schemas = await schemasOf(engine)
    expect(schemas).toEqual(
      expect.arrayContaining(['consent', 'features', 'identity', 'reidentification', 'vault']),
    )
    const found: string[] = []
    for (const schema of schemas) {
      const everything = await everythingIn(engine, schema)
      found.push(...canariesIn(everything).map((name) => `${schema}: ${name}`))
      if (schema === 'vault') expect(everything).toContain('vault.entry.sealed')
      if (schema === 'reidentification') expect(everything).toContain('AZ-2026-114')
    }
    expect(found).toEqual([])
    await sql`checkpoint`.execute(engine.admin)
    await engine.close()
    expect(canariesInFiles(data)).toEqual([])
  })

  it('stands in no trail that the command verifies, which finds it whole', async () => {
    const verified = await assent('identity', 'audit', 'verify', '--data', data)
    expect(verified).toMatch(/^7 entries: nothing damaged\nhead 7:[0-9a-f]{64}\n$/)
    const [, head = ''] = /head (\S+)/.exec(verified) ?? []
    expect(await assent('identity', 'audit', 'verify', '--data', data, '--head', head)).toBe(verified)
  })

  it('that is put where it must not be is found there', async () => {
    const engine = await openPglite({ dataDir: join(data, 'pglite') })
    await sql`update identity.record set language = ${CANARIES.email} where seed = ${pid}`.execute(
      engine.admin,
    )
    expect(canariesIn(await everythingIn(engine, 'identity'))).toEqual(['email'])
    await sql`checkpoint`.execute(engine.admin)
    await engine.close()
    writeFileSync(join(data, 'stray.log'), Buffer.from(CANARIES.loyalty).toString('hex'))
    const found = canariesInFiles(data)
    expect(found).toContain('stray.log: loyalty')
    expect(found.some((one) => /^pglite.*: email$/.test(one))).toBe(true)
    expect(canariesIn(Buffer.from(`a log with ${CANARIES.nationalId} in it`).toString('base64'))).toEqual([
      'nationalId',
    ])
  })
})

/** As an export of a CRM, and as a record with all that a source system can say. */
async function importCanaries(): Promise<void> {
  const stores = await openStores({ dataDir: data })
  try {
    const { identity: store, vault } = stores
    const into = { store, vault, pseudonymizer: createPseudonymizer({ ring: stores.keys }) }
    const {
      recordId,
      givenName,
      familyName,
      email: address,
      birthDate,
      company,
      nationalId,
      street,
    } = CANARIES
    const row = [recordId, 'crm', givenName, familyName, address, CANARIES.phoneAsWritten, birthDate, company]
    const text = `${HEADER}${[...row, nationalId, street].join(',')}\nbroken,crm,${givenName},,,,${familyName},,,\n`
    const report = await importCrmCsv(chunks(text), { ...into, region: 'DE' })
    expect(report).toMatchObject({ imported: 1, newPeople: 1 })
    heard.errors += JSON.stringify(report.faults)
    const { owners } = await importRecords(
      [
        {
          source: 'shop',
          recordId: CANARIES.email,
          givenName,
          familyName,
          email: address,
          phone: CANARIES.phone,
          loyalty: CANARIES.loyalty,
          householdId: CANARIES.household,
          region: 'DE',
          devices: [{ id: CANARIES.device, kind: 'phone', lastSeen: '2026-01-01T00:00:00Z' }],
        },
      ],
      into,
    )
    pid = [...owners.values()][0] ?? ''
  } finally {
    await stores.close()
  }
}

async function* chunks(text: string): AsyncGenerator<string> {
  yield text
}

interface Service {
  readonly child: ChildProcess
  readonly url: string
  readonly metricsUrl: string
}

async function startService(): Promise<Service> {
  const staff = join(data, 'staff.yaml')
  writeFileSync(staff, STAFF)
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'cli/assent.ts', 'start', '--port', '0', '--data', data, '--people', '0'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        ASSENT_LOG_LEVEL: 'debug',
        ASSENT_IDENTITY_REIDENTIFICATION: staff,
        ...OBSERVED(collector.url),
      },
    },
  )
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (heard.logs += chunk.toString()))
  return new Promise((ready, refuse) => {
    child.once('exit', (code) => refuse(new Error(`ended with ${code}`)))
    child.stdout.on('data', () => {
      const [, url] = /GraphQL +(http\S+)/.exec(heard.logs) ?? []
      const [, metricsUrl] = /"url":"(http[^"]+metrics)"/.exec(heard.logs) ?? []
      if (url === undefined || metricsUrl === undefined || !heard.logs.includes('Stop with')) return
      child.removeAllListeners('exit')
      ready({ child, url, metricsUrl })
    })
  })
}

const assent = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', ...args],
      { env: { PATH: process.env['PATH'] } },
      (_error, out, err) => resolve(out + err),
    )
  })

interface As {
  readonly client?: string
  readonly purpose?: string
  readonly actor?: string
}

/** Through every door that takes a value: what is known, what is not, what fits and what does not. */
async function useService({ url }: Service): Promise<void> {
  const ask = async (query: string, variables: object, { client, purpose, actor }: As = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(client && { 'x-assent-client': client }),
        ...(purpose && { 'x-assent-purpose': purpose }),
        ...(actor && { 'x-assent-actor': actor }),
      },
      body: JSON.stringify({ query, variables }),
    })
    const { data: answer, errors } = (await response.json()) as { data: never; errors?: unknown }
    heard.errors += JSON.stringify(errors ?? null)
    return answer as Record<string, { id: string; email: string; values: unknown }> | null
  }
  const service = { purpose: 'customer_service', actor: 'clerk' }
  const legal = (actor: string) => ({ client: 'legal', purpose: 'legal_request', actor })
  const resolve =
    'query ($kind: IdentifierKind!, $value: String!) { resolveIdentity(kind: $kind, value: $value) { pid displayName } }'
  for (const [kind, value] of Object.entries({
    EMAIL: CANARIES.email,
    PHONE: CANARIES.phone,
    LOYALTY: CANARIES.loyalty,
    [CANARIES.givenName]: CANARIES.email,
  }))
    await ask(resolve, { kind, value }, service)
  await ask(`{ resolveIdentity(kind: EMAIL, value: "${CANARIES.email}") { pid } }`, {}, service)
  await ask(`{ resolveIdentity(kind: EMAIL, value: "${CANARIES.email}") { pid } } # ${CANARIES.phone}`, {})
  await ask(`{ customer(pid: "${CANARIES.email}") { displayName unknown } }`, {})
  await ask('query ($pid: ID!) { customer(pid: $pid) { displayName } }', { pid: CANARIES.email })
  const give = `mutation ($pid: ID!) {
    giveConsent(input: { pid: $pid, scopes: ["crm_contact"], source: "test" }) { consentId effect { effective } } }`
  await ask(give, { pid: CANARIES.email }, service)
  await ask(give, { pid }, service)
  await ask(
    'mutation ($a: ID!) { merge(input: { a: $a, b: $a }) { decisionId } }',
    { a: CANARIES.email },
    service,
  )
  const read = 'query ($pid: ID!) { customer(pid: $pid) { displayName email phone records { recordId } } }'
  email = (await ask(read, { pid }, service))?.['customer']?.email

  const request = `mutation ($input: ReidentificationInput!) { requestReidentification(input: $input) { id reason } }`
  const input = {
    pid,
    fields: ['EMAIL', 'DATE_OF_BIRTH', 'DEVICES'],
    legalTicket: 'AZ-2026-114',
    reason: `The court asks who ${CANARIES.givenName} of ${CANARIES.street} is`,
  }
  for (const wrong of [
    { ...input, pid: CANARIES.email },
    { ...input, legalTicket: CANARIES.phone },
    { ...input, fields: [CANARIES.familyName] },
  ])
    await ask(request, { input: wrong }, legal('cyd'))
  const { id } = (await ask(request, { input }, legal('cyd')))?.['requestReidentification'] ?? { id: '' }
  for (const actor of ['dee', 'bo'])
    await ask('mutation ($id: ID!) { approveReidentification(id: $id) { state } }', { id }, legal(actor))
  const redeem = 'mutation ($id: ID!) { redeemReidentification(id: $id) { values { field values } } }'
  redeemed = (await ask(redeem, { id }, legal('cyd')))?.['redeemReidentification']?.values
  await ask(redeem, { id: CANARIES.email }, legal('cyd'))
}

const OBSERVED = (otlpUrl: string) => ({
  ASSENT_TELEMETRY_OTLP_URL: otlpUrl,
  ASSENT_TELEMETRY_METRICS_PORT: '0',
  ASSENT_TELEMETRY_ACCESS_LOG: 'true',
})

const schemasOf = async ({ admin }: Engine): Promise<string[]> =>
  (
    await sql<{ name: string }>`select nspname as name from pg_namespace
      where nspname !~ '^pg_' and nspname <> 'information_schema'`.execute(admin)
  ).rows.map(({ name }) => name)
