import { FINDINGS, type FindingCode } from '../finding-catalogue.ts'
import type { Finding, Report } from '../finding.ts'

/** SARIF 2.1.0 (OASIS), as code scanning shows it. A finding keeps its fingerprint through any change of lines. */
export const asSarif = (report: Report): string => {
  const ids = [...new Set(report.findings.map(({ code }) => code))].toSorted()
  return JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'assent schema check',
              informationUri: 'https://assent.example/docs/schema-check',
              rules: ids.map((id) => ruleOf(id, report)),
            },
          },
          columnKind: 'utf16CodeUnits',
          invocations: [{ executionSuccessful: true, exitCode: report.outcome === 'ok' ? 0 : 1 }],
          results: report.findings.map((finding) => resultOf(finding, ids)),
        },
      ],
    },
    null,
    2,
  )
}

const ruleOf = (id: string, { findings }: Report): object => {
  const first = findings.find(({ code }) => code === id)
  const sentence = Object.hasOwn(FINDINGS, id) ? FINDINGS[id as FindingCode].sentence : first?.message
  return {
    id,
    shortDescription: { text: sentence ?? id },
    help: { text: first?.remedy ?? '' },
    properties: { tags: [first?.kind ?? 'composition'] },
  }
}

const resultOf = (finding: Finding, ids: readonly string[]): object => {
  const { code, kind, level, direction, coordinate, source, message, remedy, approval, approved } = finding
  return {
    ruleId: code,
    ruleIndex: ids.indexOf(code),
    level,
    message: { text: `${coordinate === '' ? '' : `${coordinate}: `}${message} ${remedy}` },
    locations: [
      {
        ...(source.file === '' ? {} : { physicalLocation: locationOf(finding) }),
        ...(coordinate === '' ? {} : { logicalLocations: [{ fullyQualifiedName: coordinate }] }),
      },
    ],
    partialFingerprints: { 'assentFinding/v1': finding.fingerprint },
    properties: {
      kind,
      ...(direction === undefined ? {} : { direction }),
      ...(approval === undefined ? {} : { approval }),
    },
    ...(approved === undefined
      ? {}
      : {
          suppressions: [
            { kind: 'external', status: 'accepted', justification: `${approved.by} until ${approved.until}` },
          ],
        }),
  }
}

const locationOf = ({ source: { file, line, column } }: Finding): object => ({
  artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
  region: { startLine: line, startColumn: column },
})
