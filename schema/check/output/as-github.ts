import type { Finding, Level, Report } from '../finding.ts'

const COMMANDS: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', note: 'notice' }

/** Workflow commands of GitHub Actions: each finding is shown at its line of the pull request. */
export const asGithub = ({ findings }: Report): string => findings.map(commandOf).join('\n')

const commandOf = (finding: Finding): string => {
  const { level, source, code, coordinate, message, remedy, approval, approved } = finding
  const place =
    source.file === '' ? [] : [`file=${property(source.file)}`, `line=${source.line}`, `col=${source.column}`]
  const properties = [...place, `title=${property(`${code} ${coordinate}`.trim())}`].join(',')
  const who =
    approval === undefined || approved !== undefined
      ? ''
      : `\nTo be allowed by ${approval.by}: ${approval.hash}`
  return `::${COMMANDS[level]} ${properties}::${data(`${message}\n${remedy}${who}`)}`
}

/** A line break would begin a command of its own. */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
