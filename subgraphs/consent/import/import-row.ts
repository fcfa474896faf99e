import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { codedError } from '../../coded-error.ts'
import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import { isPid } from '../pids.ts'
import {
  type ConsentInput,
  type ConsentWords,
  instantOf,
  readConsentInput,
  SKEW_MS,
} from '../receipts/consent-input.ts'
import type { Notice } from '../receipts/receipt.ts'
import type { Fault } from './file-records.ts'
import type { RowValues } from './row-values.ts'

/** What a person said, as a row of a file tells it: checked and complete. */
export interface ImportRow {
  /** In the file, from 1; the header is none. */
  readonly row: number
  readonly line: number
  /** The same row has the same id, in whatever run: its receipt is written once. */
  readonly statement: string
  readonly subject: string
  readonly status: ImportedStatus
  readonly actor: string | null
  readonly words: ConsentWords
}

/** What a person can say; the other states follow from what is said, or are not a person's to say. */
const STATUSES = ['given', 'refused', 'withdrawn'] as const

export type ImportedStatus = (typeof STATUSES)[number]

/** Which words a row may use. */
export interface KnownWords {
  readonly vocabulary: Vocabulary
  readonly isRegion: (region: string) => boolean
  readonly isBrand: (brand: string) => boolean
  readonly isClient: (client: string) => boolean
}

interface Place {
  readonly row: number
  readonly line: number
}

export function readImportRow(
  values: RowValues,
  { row, line }: Place,
  { words, now }: { readonly words: KnownWords; readonly now: number },
): ImportRow | Fault {
  try {
    const subject = text(values, 'subject') ?? ''
    if (!isPid(subject)) throw codedError('INVALID_SUBJECT', 'subject')
    const status = statusOf(values)
    const actor = actorOf(values, words)
    const said = wordsOf(values, words, now)
    return { row, line, statement: statementOf(values), subject, status, actor, words: said }
  } catch (error) {
    return faultOf(error, line, values)
  }
}

function statusOf(values: RowValues): ImportedStatus {
  const written = text(values, 'status')
  const status = STATUSES.find((known) => known === written)
  if (status === undefined) throw codedError('IMPORT_VALUE_INVALID', 'status')
  return status
}

/** An actor is the person or a client of the gateway: who else recorded a consent cannot be asked about it. */
function actorOf(values: RowValues, { isClient }: KnownWords): string | null {
  const actor = text(values, 'actor') ?? null
  if (actor !== null && actor !== text(values, 'subject') && !isClient(actor))
    throw codedError('UNKNOWN_CLIENT', 'actor')
  return actor
}

function wordsOf(values: RowValues, known: KnownWords, now: number): ConsentWords {
  const at = saidAt(values, now)
  instantAt(values, 'expiresAt', 'INVALID_EXPIRY')
  const optional = OPTIONAL.map((name) => [name, text(values, name) ?? null] as const)
  const input: ConsentInput = {
    pid: '',
    scopes: [text(values, 'scope') ?? ''],
    source: sourceOf(text(values, 'source')),
    recipients: recipientsOf(values.get('recipients')),
    notice: noticeOf(values),
    ...Object.fromEntries(optional),
  }
  // When it was said is its now: what had run out then never was a consent, what has run out since was one.
  const said = readConsentInput(input, { vocabulary: known.vocabulary, now: Math.min(at, now) })
  const { region, brand } = said.where
  if (region !== null && !known.isRegion(region)) throw codedError('UNKNOWN_REGION', 'region')
  if (brand !== null && !known.isBrand(brand)) throw codedError('UNKNOWN_BRAND', 'brand')
  return said
}

const OPTIONAL = [
  'channel',
  'region',
  'brand',
  'expiresAt',
  'surface',
  'legalBasis',
  'controller',
  'withdrawalMethod',
] as const

function saidAt(values: RowValues, now: number): number {
  const at = instantAt(values, 'at', 'IMPORT_VALUE_INVALID')
  if (at === null) throw codedError('IMPORT_VALUE_INVALID', 'at')
  if (at > now + SKEW_MS) throw codedError('RECEIPT_FROM_THE_FUTURE', 'at')
  return at
}

/** Who hears of the change is told that it came by an import, whatever the file calls its source. */
function sourceOf(source: string | undefined): string {
  return source === undefined ? 'import' : `import:${source}`
}

function noticeOf(values: RowValues): Notice | null {
  const version = text(values, 'noticeVersion')
  return version === undefined ? null : { version, language: text(values, 'noticeLanguage') ?? null }
}

function recipientsOf(value: string | readonly string[] | undefined): readonly string[] | null {
  return value === undefined || typeof value === 'string' ? null : value
}

/** A day that is in no calendar is none: the 30th of February would silently be the 2nd of March. */
function instantAt(values: RowValues, name: 'at' | 'expiresAt', code: SubgraphErrorCode): number | null {
  const written = text(values, name)
  if (written === undefined) return null
  const at = instantOf(written)
  const day = written.slice(0, 10)
  const midnight = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(at) || new Date(midnight || 0).toISOString().slice(0, 10) !== day)
    throw codedError(code, name)
  return at
}

function text(values: RowValues, name: Parameters<RowValues['get']>[0]): string | undefined {
  const value = values.get(name)
  return typeof value === 'string' ? value : undefined
}

/** Of the key that the file gives, or of all that the row says. */
function statementOf(values: RowValues): string {
  const key = text(values, 'key')
  const named = key === undefined ? [...values].toSorted(byName) : [text(values, 'subject'), key]
  return `import:${createHash('sha256').update(JSON.stringify(named)).digest('base64url')}`
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function faultOf(error: unknown, line: number, values: RowValues): Fault {
  if (!(error instanceof GraphQLError)) throw error
  const code = error.extensions['code'] as SubgraphErrorCode
  const field = /\(([\w.]+)\)\.$/.exec(error.message)?.[1] ?? FIELD_OF.get(code) ?? ''
  const named = field === 'scopes' ? 'scope' : field
  return { code, place: values.size === 0 ? `line ${line}` : `line ${line}, ${named}` }
}

const FIELD_OF: ReadonlyMap<SubgraphErrorCode, string> = new Map([['NO_SCOPE', 'scope']])
