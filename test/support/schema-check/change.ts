import { check, type CheckOptions } from '../../../schema/check/check.ts'
import { contractsOf } from '../../../schema/check/contracts.ts'
import type { Finding, Report } from '../../../schema/check/finding.ts'

export type Files = Readonly<Record<string, string>>

const LINK = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag", "@interfaceObject", "@authenticated", "@requiresScopes"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject", "@dataContract"])
`

/** A schema with its links; they take one line each, so that lines are counted from four. */
export const linked = (sdl: string): string => `${LINK}${sdl}`

const placed = (files: Files): { file: string; text: string }[] =>
  Object.entries(files).map(([file, text]) => ({
    file,
    text: file.endsWith('.graphql') && !text.includes('@link(') ? linked(text) : text,
  }))

const contractsIn = (files: Files) => contractsOf(placed(files))

export const reportOf = (base: Files, head: Files, options: CheckOptions = {}): Promise<Report> =>
  check(contractsIn(base), contractsIn(head), { now: Date.parse('2026-11-22'), ...options })

/** What a change is told to do: `CODE coordinate`, with its direction where it has one. */
export const changed = async (base: Files, head: Files, options: CheckOptions = {}): Promise<string[]> =>
  (await reportOf(base, head, options)).findings.map(toldOf)

const toldOf = ({ code, coordinate, level }: Finding): string => `${level} ${code} ${coordinate}`
