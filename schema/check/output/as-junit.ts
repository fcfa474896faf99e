import type { Finding, Report } from '../finding.ts'

/** JUnit XML: a case a finding, failed where it blocks; one that passed where there is none. */
export const asJunit = (report: Report): string => {
  const { findings, summary } = report
  const cases =
    findings.length === 0
      ? [`    <testcase classname="assent.schema" name="no finding"/>`]
      : findings.map(caseOf)
  const count = `tests="${cases.length}" failures="${summary.error}" errors="0" time="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="assent schema check" ${count}>`,
    `  <testsuite name="${xml(`${report.base.label} → ${report.head.label}`)}" ${count} skipped="0">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

const caseOf = (finding: Finding): string => {
  const { kind, code, coordinate, source, level, message, remedy } = finding
  // The schemas of JUnit XML know no file of a case; GitLab shows it, and others pass it over.
  const place = source.file === '' ? '' : ` file="${xml(source.file)}"`
  const open = `    <testcase classname="assent.schema.${kind}" name="${xml(`${code} ${coordinate}`.trim())}"${place}`
  const told = xml(`${source.file}:${source.line}:${source.column}\n${message}\n${remedy}`)
  if (level === 'error')
    return `${open}>\n      <failure type="${xml(code)}" message="${xml(message)}">${told}</failure>\n    </testcase>`
  return `${open}>\n      <system-out>${told}</system-out>\n    </testcase>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
}

/** What XML 1.0 has no character for is shown as what it is: nothing that can be read. */
const xml = (text: string): string =>
  text.replaceAll(UNKNOWN, '\uFFFD').replaceAll(/[<>&"'\n]/g, (character) => ENTITIES[character] ?? '')

const UNKNOWN =
  // eslint-disable-next-line no-control-regex -- that is what is taken out
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g
