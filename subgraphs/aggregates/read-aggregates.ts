import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { Budget } from '../budget/budget.ts'
import { CodedFailure } from '../coded-failure.ts'
import { readYaml } from '../yaml-source.ts'
import { agreeWithContract, type CountedTerms } from './agree-with-contract.ts'
import { type Aggregates, type Metric, NO_AGGREGATES } from './metric.ts'
import { type Fields, fieldsOf } from './read-fields.ts'
import { digestOf, readMetric } from './read-metric.ts'

export interface AggregateText {
  readonly file: string
  readonly text: string
}

/** The file of a folder that says how much may be given away; every other one is a metric. */
const BUDGETS = 'budgets.yaml'

type TermsOf = (event: string) => CountedTerms | null

export const readAggregatesIn = (directory: string, vocabulary: Vocabulary, termsOf: TermsOf): Aggregates =>
  readAggregates(
    readdirSync(directory)
      .filter((file) => /[.]ya?ml$/.test(file))
      .toSorted()
      .map((file) => ({ file, text: readFileSync(join(directory, file), 'utf8') })),
    vocabulary,
    termsOf,
  )

/** Declarations as they are reviewed. With a fault in any of them nothing is answered: all faults are told together. */
export function readAggregates(
  texts: readonly AggregateText[],
  vocabulary: Vocabulary,
  termsOf?: TermsOf,
): Aggregates {
  if (texts.length === 0) return NO_AGGREGATES
  const faults: string[] = []
  const metrics = new Map<string, Metric>()
  let budgets: Pick<Aggregates, 'budgets' | 'snapshotMs'> = NO_AGGREGATES
  for (const { file, text } of texts) {
    const fields = fieldsIn(file, text, faults)
    if (fields === null) continue
    if (file === BUDGETS) {
      budgets = readBudgets(fields)
      continue
    }
    const metric = readMetric(fields, vocabulary)
    if (`${metric.name}.yaml` !== file) fields.fault('metric', 'the name of the file is expected')
    if (termsOf !== undefined) agreeWithContract(metric, termsOf, fields)
    metrics.set(metric.name, { ...metric, digest: digestOf(metric) })
  }
  for (const { name, purposes } of metrics.values())
    for (const purpose of purposes)
      if (!budgets.budgets.has(purpose)) faults.push(`${BUDGETS}, budgets.${purpose}: \`${name}\` needs it`)
  if (faults.length > 0) throw new CodedFailure('AGGREGATES_INVALID', faults.join('; '))
  return { metrics, ...budgets }
}

function fieldsIn(file: string, text: string, faults: string[]): Fields | null {
  const source = readYaml(text)
  for (const { line, what } of source.broken) faults.push(`${file}:${line}: ${what}`)
  if (source.broken.length > 0) return null
  return fieldsOf(source.value, [], (path, what) =>
    faults.push(`${file}:${source.lineOf(path)}, ${path.join('.')}: ${what}`),
  )
}

const HOUR_MS = 3_600_000

function readBudgets(fields: Fields): Pick<Aggregates, 'budgets' | 'snapshotMs'> {
  const dataset = fields.text('dataset')
  const snapshotMs = fields.whole('snapshotHours', { least: 1, most: 24 * 366 }) * HOUR_MS
  const purposes = fields.below('budgets')
  const budgets = new Map<string, Budget>()
  if (purposes === null) fields.fault('budgets', 'a budget for each purpose is expected')
  for (const purpose of purposes?.keys() ?? []) {
    const terms = purposes?.below(purpose)
    if (terms) budgets.set(purpose, readBudget(`${dataset}/${purpose}`, terms))
  }
  fields.end()
  return { budgets, snapshotMs }
}

const readBudget = (name: string, terms: Fields): Budget => {
  const epsilon = { least: 0.001, most: 100 }
  const budget = {
    name,
    delta: terms.number('delta', { least: 1e-12, most: 1e-3 }),
    lifetime: terms.number('lifetime', epsilon),
    windows: terms.listed('windows').map((window) => {
      const read = {
        days: window.whole('days', { least: 1, most: 3_660 }),
        epsilon: window.number('epsilon', epsilon),
      }
      window.end()
      return read
    }),
  }
  terms.end()
  return budget
}
