import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { type Path, readYaml } from '../../yaml-source.ts'
import { unfitExamples } from './check-data.ts'
import {
  BASES,
  type Deprecation,
  DISPOSITIONS,
  type EventContract,
  type FieldSchema,
  type Quality,
} from './contract.ts'
import { CONTRACT_FAULTS, type ContractFault } from './contract-fault-catalogue.ts'
import { type ContractPlace, elementOf, optionalOf, placeAt, type TellFault } from './contract-place.ts'
import {
  DAY,
  DURATION,
  listOf,
  oneOf,
  PLAIN_NAME,
  SENTENCE,
  SHARE,
  TYPE_NAME,
  VERSION,
} from './contract-shapes.ts'
import { addDuration } from './iso-duration.ts'
import { readDataFields } from './read-fields.ts'

export interface ContractText {
  readonly file: string
  readonly text: string
}

/** A contract, or every fault of it: code, file, line, place, remedy. */
export type ReadContract =
  | { readonly contract: EventContract; readonly faults: readonly [] }
  | { readonly contract: null; readonly faults: readonly ContractFault[] }

const MOST_CHARACTERS = 262_144

/** Reads an event contract from YAML. One with a fault is none: an incomplete promise cannot be kept. Never throws. */
export function readContract({ file, text }: ContractText, vocabulary: Vocabulary): ReadContract {
  const faults: ContractFault[] = []
  const add = (code: ContractFault['code'], line: number, place: string, remedy: string): void => {
    faults.push({ code, file, line, place, message: CONTRACT_FAULTS[code].sentence, remedy })
  }
  if (text.length > MOST_CHARACTERS) {
    add('EVENT_CONTRACT_TOO_LARGE', 1, '', `Write at most ${MOST_CHARACTERS} characters.`)
    return { contract: null, faults }
  }
  const source = readYaml(text)
  for (const { line, what } of source.broken)
    add('EVENT_CONTRACT_UNREADABLE', line, what, 'Correct the line; aliases, tags and merges are not read.')
  if (faults.length > 0) return { contract: null, faults }
  const tell: TellFault = (code, path, remedy) => add(code, source.lineOf(path), path.join('.'), remedy)
  const contract = read(source.value, vocabulary, tell)
  if (contract !== null && faults.length === 0)
    for (const path of unfitExamples(contract))
      tell('EVENT_CONTRACT_EXAMPLE_UNFIT', path, 'Write examples that fit the field, or correct the field.')
  if (contract !== null && faults.length === 0) return { contract, faults: [] }
  return { contract: null, faults: faults.toSorted((a, b) => a.line - b.line) }
}

const KEYS = [
  'type',
  'version',
  'owner',
  'purpose',
  'description',
  'timestamp',
  'optIn',
  'basis',
  'scope',
  'retention',
  'consumers',
  'disposition',
  'deprecation',
  'quality',
  'fields',
]

/** Null when an element is missing or has not its shape, which is then told. */
function read(value: unknown, vocabulary: Vocabulary, tell: TellFault): EventContract | null {
  const place = placeAt(value ?? new Map(), [], tell, KEYS)
  const elements: Elements = {
    type: elementOf(place, 'type', TYPE_NAME),
    version: elementOf(place, 'version', VERSION),
    owner: elementOf(place, 'owner', PLAIN_NAME),
    purpose: elementOf(place, 'purpose', listOf(TYPE_NAME, 20)),
    description: elementOf(place, 'description', SENTENCE),
    timestamp: elementOf(place, 'timestamp', SENTENCE),
    optIn: elementOf(place, 'optIn', SENTENCE),
    basis: elementOf(place, 'basis', oneOf(BASES)),
    scope: optionalOf(place, 'scope', TYPE_NAME),
    retention: elementOf(place, 'retention', DURATION),
    consumers: elementOf(place, 'consumers', listOf(PLAIN_NAME, 100)),
    disposition: elementOf(place, 'disposition', oneOf(DISPOSITIONS)),
    deprecation: readDeprecation(place),
    quality: readQuality(place),
    fields: readDataFields(place),
  }
  tellWords(elements, vocabulary, tell)
  tellBasis(elements, tell)
  if (elements.deprecation !== undefined) tellWindow(elements.deprecation, elements.version ?? 0, tell)
  const isWhole = Object.values(elements).every((element) => element !== undefined)
  return isWhole ? Object.freeze(elements as EventContract) : null
}

/** What could be read; what could not is undefined, and was told. */
type Elements = { readonly [Name in keyof EventContract]: EventContract[Name] | undefined }

function readDeprecation(place: ContractPlace): Deprecation | undefined {
  const part = partOf(place, 'deprecation', ['notice', 'announced', 'until', 'successor'])
  if (part === undefined) return undefined
  const notice = elementOf(part, 'notice', DURATION)
  const announced = optionalOf(part, 'announced', DAY)
  const until = optionalOf(part, 'until', DAY)
  const successor = optionalOf(part, 'successor', VERSION)
  return notice === undefined ? undefined : Object.freeze({ notice, announced, until, successor })
}

function readQuality(place: ContractPlace): Quality | undefined {
  const part = partOf(place, 'quality', ['freshness', 'minimumValid', 'alert'])
  if (part === undefined) return undefined
  const freshness = elementOf(part, 'freshness', DURATION)
  const minimumValid = elementOf(part, 'minimumValid', SHARE)
  const alert = elementOf(part, 'alert', PLAIN_NAME)
  const isWhole = freshness !== undefined && minimumValid !== undefined && alert !== undefined
  return isWhole ? Object.freeze({ freshness, minimumValid, alert }) : undefined
}

/** A part that is missing as a whole is one fault, and not one for each of its elements. */
function partOf(place: ContractPlace, name: string, known: readonly string[]): ContractPlace | undefined {
  const written = elementOf(place, name, {
    sentence: `a mapping with ${known.join(', ')}`,
    read: (value) => (value instanceof Map ? value : undefined),
  })
  return written && placeAt(written, [...place.path, name], place.tell, known)
}

/** A word means the same thing in an event, in a schema and in a receipt, or it is not used. */
function tellWords({ purpose = [], scope = null }: Elements, vocabulary: Vocabulary, tell: TellFault): void {
  const path: Path = ['scope']
  if (scope !== null && !vocabulary.scopes.has(scope))
    tell(
      'EVENT_CONTRACT_WORD_UNKNOWN',
      path,
      'Use a scope of docs/vocabulary.md, or add it to your vocabulary.',
    )
  for (const word of purpose) {
    const term = vocabulary.purposes.get(word)
    if (term === undefined)
      tell('EVENT_CONTRACT_WORD_UNKNOWN', ['purpose'], `Use purposes of docs/vocabulary.md; ${word} is none.`)
    else if (scope !== null && vocabulary.scopes.has(scope) && !term.scopes.has(scope))
      tell(
        'EVENT_CONTRACT_PURPOSE_WITHOUT_SCOPE',
        ['purpose'],
        `Take ${word} out, or choose a scope it may ask for: ${[...term.scopes].join(', ') || 'it has none'}.`,
      )
  }
}

/** Consent is given to something, and what rests on it goes with it (GDPR Art. 6(1)(a), 7(3), 17(1)(b)). */
function tellBasis({ basis, scope, disposition, fields }: Elements, tell: TellFault): void {
  if (basis === 'contract' && scope !== null)
    tell('EVENT_CONTRACT_SCOPE_UNUSED', ['scope'], 'Write `scope: null`, or the basis `consent`.')
  if (basis !== 'consent') return
  if (scope === null)
    tell(
      'EVENT_CONTRACT_BASIS_MISSING',
      ['scope'],
      'Name the scope people consent to, or the basis `contract`.',
    )
  const retained = [
    ...(disposition === 'retain' ? [['disposition']] : []),
    ...(fields === undefined ? [] : retainedFields(fields, ['fields'])),
  ]
  for (const path of retained)
    tell(
      'EVENT_CONTRACT_DISPOSITION_UNFOUNDED',
      path,
      'Write purge or anonymise; only what a contract needs is retained.',
    )
}

function retainedFields({ disposition, items, properties }: FieldSchema, path: Path): readonly Path[] {
  return [
    ...(disposition === 'retain' ? [[...path, 'disposition']] : []),
    ...(items === null ? [] : retainedFields(items, [...path, 'items'])),
    ...[...properties].flatMap(([name, field]) => retainedFields(field, [...path, 'properties', name])),
  ]
}

/** An end is announced with its day and with what comes after, and not sooner than was promised. */
function tellWindow(
  { notice, announced, until, successor }: Deprecation,
  version: number,
  tell: TellFault,
): void {
  const written = [announced, until, successor].filter((element) => element !== null)
  if (written.length === 0) return
  const told = (name: string, remedy: string): void =>
    tell('EVENT_CONTRACT_WINDOW_INVALID', ['deprecation', name], remedy)
  if (announced === null || until === null || successor === null) {
    told('announced', 'Write announced, until and successor together, or none of them.')
    return
  }
  if (successor <= version) told('successor', 'Name a later version.')
  if (addDuration(Date.parse(announced), notice) > Date.parse(until))
    told('until', `Write a day at least ${notice} after ${announced}.`)
}
