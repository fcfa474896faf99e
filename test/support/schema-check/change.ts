import { Ajv } from 'ajv'
import { expect } from 'vitest'
import { check, type CheckOptions } from '../../../schema/check/check.ts'
import { contractsOf } from '../../../schema/check/contracts.ts'
import type { Finding, Report } from '../../../schema/check/finding.ts'
import { asJunit } from '../../../schema/check/output/as-junit.ts'
import { asSarif } from '../../../schema/check/output/as-sarif.ts'
import { junitFaults } from './junit-faults.ts'
import { SARIF_AS_WE_WRITE_IT } from './sarif-as-we-write-it.ts'
import { isSarif } from './sarif-schema.ts'

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

/** Of every report that a test asks for, the outputs that others read by a schema are held against it. */
export const reportOf = async (base: Files, head: Files, options: CheckOptions = {}): Promise<Report> => {
  const report = await check(contractsIn(base), contractsIn(head), {
    now: Date.parse('2026-11-22'),
    ...options,
  })
  expect(sarifFaults(report)).toEqual([])
  expect(junitFaults(asJunit(report))).toEqual([])
  return report
}

const holds = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(SARIF_AS_WE_WRITE_IT)

/** What the schema of SARIF refuses, and what is not as we write it. */
export const sarifFaults = (report: Report): readonly string[] => {
  const written: unknown = JSON.parse(asSarif(report))
  return [isSarif, holds].flatMap((validate) => {
    validate(written)
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  })
}

/** What a change is told to do: `CODE coordinate`, with its direction where it has one. */
export const changed = async (base: Files, head: Files, options: CheckOptions = {}): Promise<string[]> =>
  (await reportOf(base, head, options)).findings.map(toldOf)

const toldOf = ({ code, coordinate, level }: Finding): string => `${level} ${code} ${coordinate}`
