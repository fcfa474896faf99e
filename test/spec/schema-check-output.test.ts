import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import type { Finding, Report } from '../../schema/check/finding.ts'
import { asGithub } from '../../schema/check/output/as-github.ts'
import { asJson } from '../../schema/check/output/as-json.ts'
import { asJunit } from '../../schema/check/output/as-junit.ts'
import { asMarkdown } from '../../schema/check/output/as-markdown.ts'
import { asSarif } from '../../schema/check/output/as-sarif.ts'
import { asText } from '../../schema/check/output/as-text.ts'
import type { RecordedDecision, RecordedOperation } from '../../schema/check/impact.ts'
import { type Files, linked, reportOf, sarifFaults } from '../support/schema-check/change.ts'
import { junitFaults } from '../support/schema-check/junit-faults.ts'
import { isSarif } from '../support/schema-check/sarif-schema.ts'

const person = (on: string, rest = ''): Files => ({
  'shop.graphql': `type Query { me: P ${rest} }
type P @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  a: String ${on} @dataContract(owner: "team-a", purpose: ["analytics"], freshness: "P1D", retention: "P1D", consumers: ["a"], disposition: "purge")
}`,
})
const [base, head] = [person('@requiresScope(scope: "analytics")'), person('', 'x: Int')]
const usage = (operations: readonly RecordedOperation[], decisions: readonly RecordedDecision[] = []) => ({
  operations,
  decisions,
  unreadable: 0,
  period: 'P30D',
  since: 0,
  threshold: 1,
})

/** What somebody could write into a schema to be shown otherwise. */
const NASTY =
  'x\n::error file=passwd::owned\r%0A `|<img src=x onerror=alert(1)>| @everyone ]]></failure>&"\u001B[31m\u0000'
const nasty = (report: Report): Report => ({
  ...report,
  base: { ...report.base, label: NASTY },
  findings: report.findings.map((one): Finding => ({
    ...one,
    coordinate: NASTY,
    message: NASTY,
    remedy: NASTY,
    source: { ...one.source, file: 'a,b:c\n.graphql' },
  })),
})

describe('The report', () => {
  test('as JSON has the shape that is published', async () => {
    const schema: object = JSON.parse(
      readFileSync(new URL('../../docs/schemas/schema-check-report.v1.json', import.meta.url), 'utf8'),
    )
    const holds = new Ajv({ strict: true }).compile(schema)
    const asked = { client: 'shop', operation: 'Me', document: '{ me { a } }', requests: 9, at: null }
    for (const report of [
      await reportOf(base, head),
      await reportOf(base, base),
      await reportOf(head, base, { usage: usage([asked]) }),
      await reportOf(base, { 'shop.graphql': linked('type Query {') }),
    ]) {
      holds(JSON.parse(asJson(report)))
      expect(holds.errors).toBeNull()
    }
  })

  test('as SARIF 2.1.0 has rules, places and fingerprints', async () => {
    const sarif = JSON.parse(asSarif(await reportOf(base, head)))
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'assent schema check' } } }],
    })
    const [run] = sarif.runs
    const ids = run.tool.driver.rules.map(({ id }: { id: string }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const result of run.results) {
      expect(ids[result.ruleIndex]).toBe(result.ruleId)
      expect(['error', 'warning', 'note']).toContain(result.level)
      expect(result.message.text).not.toBe('')
      expect(result.locations[0].physicalLocation.region.startLine).toBeGreaterThan(0)
      expect(result.partialFingerprints['assentFinding/v1']).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(run.results[0]).toMatchObject({
      ruleId: 'SCOPE_REMOVED',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'shop.graphql' },
            region: { startLine: 7, startColumn: 3 },
          },
        },
      ],
    })
  })

  test('as SARIF 2.1.0 is what its schema takes, whatever is told of', async () => {
    const loosened = await reportOf(base, head)
    const [approval] = loosened.findings.flatMap((one) => one.approval ?? [])
    for (const report of [
      loosened,
      nasty(loosened),
      await reportOf(base, base),
      await reportOf(base, head, {
        approvals: [{ ...approval, hash: approval?.hash ?? '', by: 'team-a', until: '2027-01-01' }],
      }),
      await reportOf(base, { 'shop.graphql': linked('type Query {') }),
      await reportOf(base, head, { approvals: [{ hash: 'f', by: 'x', until: '2027-01-01' }] }),
    ]) {
      expect(sarifFaults(report)).toEqual([])
    }
  })

  test('as SARIF 2.1.0 would be refused by the whole schema of OASIS if a part of it were otherwise', async () => {
    const sarif = JSON.parse(asSarif(await reportOf(base, head)))
    expect(isSarif(sarif)).toBe(true)
    const text = JSON.stringify(sarif)
    for (const [written, instead] of [
      ['"level":"error"', '"level":"fatal"'],
      ['"level":"error"', '"severity":"high"'],
      ['"startLine":7', '"startLine":0'],
      ['"uri":"shop.graphql"', '"uri":"a b"'],
      ['"name":"assent schema check",', ''],
      ['"version":"2.1.0"', '"version":"2.0.0"'],
    ] as const) {
      const broken = text.replace(written, instead)
      expect(broken).not.toBe(text)
      expect(isSarif(JSON.parse(broken)), instead).toBe(false)
    }
  })

  test('keeps its fingerprints when lines move', async () => {
    const moved = { 'shop.graphql': `# one\n# two\n${head['shop.graphql']}` }
    const prints = async (files: Files) =>
      (await reportOf(base, files)).findings.map(({ fingerprint }) => fingerprint)
    expect(await prints(moved)).toEqual(await prints(head))
  })

  test('as JUnit is what Jenkins and GitLab take, and fails what blocks', async () => {
    expect(junitFaults(asJunit(nasty(await reportOf(base, head))))).toEqual([])
    const junit = asJunit(await reportOf(base, head))
    expect(junit).toContain('tests="2" failures="1"')
    expect(junit).toContain('<failure type="SCOPE_REMOVED"')
    expect(asJunit(await reportOf(base, base))).toContain('tests="1" failures="0"')
  })

  test('as text shows the line and a caret under the place', async () => {
    const report = await reportOf(base, head)
    const text = asText(report, { colours: false, textOf: () => linked(head['shop.graphql'] ?? '') })
    expect(text).toContain('--> shop.graphql:7:3')
    expect(text).toMatch(/ {2}7 \| {3}a: String[^\n]*\n {4}\| {3}\^\n/)
    expect(text).toContain(`to be allowed by team-a: ${report.findings[0]?.approval?.hash}`)
    expect(text).toContain('blocked: 1 error, 0 warnings, 1 note')
    expect(text).not.toContain('\u001B[')
    expect(asText(report, { colours: true, textOf: () => undefined })).toContain('\u001B[31m')
  })

  test('as annotations of GitHub begins one command a finding, whatever stands in a schema', async () => {
    const lines = asGithub(nasty(await reportOf(base, head))).split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^::error file=a%2Cb%3Ac%0A\.graphql,line=7,col=3,title=/)
    expect(lines[1]).toMatch(/^::notice /)
  })

  test('as XML and Markdown shows what stands in a schema, and does not do it', async () => {
    const report = nasty(await reportOf(base, head))
    const xml = asJunit(report)
    expect(xml).not.toContain('<img')
    expect(xml).not.toContain('\u0000')
    expect(xml.match(/<\/failure>/g)).toHaveLength(1)
    // What stands in a span of code is shown as it is.
    const markdown = asMarkdown(report)
    const prose = markdown.replaceAll(/`[^`\n]*`/g, '')
    expect(prose).not.toContain('<img')
    expect(prose).not.toContain('@everyone')
    const rows = markdown.split('\n').filter((line) => line.startsWith('| `SCOPE_REMOVED`'))
    expect(rows).toHaveLength(1)
    const text = asText(report, { colours: false, textOf: () => undefined })
    expect(text).not.toContain('\u001B')
  })
})

describe('Judged by use', () => {
  const field = (written: string): Files => ({ 'shop.graphql': `type Query { a: Int ${written} }` })
  const asks = (document: string, requests: number, client = 'shop'): RecordedOperation => ({
    client,
    operation: 'Q',
    document,
    requests,
    at: 10,
  })

  test('what somebody asks for breaks them, by name', async () => {
    const report = await reportOf(field('b: Int'), field(''), {
      usage: usage([asks('{ a }', 90), asks('{ a b }', 10, 'crm')]),
    })
    expect(report.outcome).toBe('blocked')
    expect(report.findings[0]?.usedBy).toEqual([{ client: 'crm', operations: ['Q'], requests: 10 }])
    expect(report.impact).toMatchObject({
      requests: 100,
      clients: [{ client: 'crm', operations: ['Q'], requests: 10, coordinates: ['Query.b'] }],
    })
    expect(report.impact?.judgement).toContain('of the last P30D; what at most 1 %')
  })

  test('what nobody asks for, or hardly anybody, breaks nobody', async () => {
    expect((await reportOf(field('b: Int'), field(''), { usage: usage([asks('{ a }', 90)]) })).outcome).toBe(
      'ok',
    )
    expect(
      (await reportOf(field('b: Int'), field(''), { usage: usage([asks('{ a }', 999), asks('{ b }', 1)]) }))
        .outcome,
    ).toBe('ok')
  })

  test('without anything recorded in the period nothing is let pass', async () => {
    expect((await reportOf(field('b: Int'), field(''), { usage: usage([]) })).outcome).toBe('blocked')
    const old = { ...usage([asks('{ a }', 90)]), since: 11 }
    expect((await reportOf(field('b: Int'), field(''), { usage: old })).outcome).toBe('blocked')
  })

  test('weakened consent blocks whoever uses it', async () => {
    expect((await reportOf(base, head, { usage: usage([asks('{ me { pid } }', 9)]) })).outcome).toBe(
      'blocked',
    )
  })

  test('decisions are made again, of the same people with the same consent', async () => {
    const record: RecordedDecision = {
      at: 10,
      client: 'shop',
      purpose: 'analytics',
      granted: { 'P.a': ['analytics'] },
      denied: {},
      scopes: ['analytics'],
      people: [
        ['ada', '1', 'r1'],
        ['bo', '1', 'r2'],
      ],
    }
    const refused = {
      ...record,
      granted: {},
      denied: { 'P.a': 'NOT_GIVEN' },
      people: [['cyd', '1', ''] as const],
    }
    const decisions = [record, record, refused]
    const opened = await reportOf(base, head, { usage: usage([], decisions) })
    expect(opened.impact).toMatchObject({
      people: 1,
      decisions: [
        { client: 'shop', coordinate: 'P.a', wouldBeGranted: 1, wouldBeDenied: 0, cannotBeTold: 0 },
      ],
    })
    const other = person('@requiresScope(scope: [["analytics", "profiling"]])')
    const closed = await reportOf(base, other, { usage: usage([], decisions) })
    expect(closed.impact).toMatchObject({
      people: 2,
      decisions: [{ wouldBeGranted: 0, wouldBeDenied: 0, cannotBeTold: 2 }],
    })
    const gone = await reportOf(
      base,
      { 'shop.graphql': 'type Query { a: Int }' },
      { usage: usage([], decisions) },
    )
    expect(gone.impact).toMatchObject({ people: 2 })
  })
})
