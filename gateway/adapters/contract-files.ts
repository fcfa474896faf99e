import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { AssentError } from '../errors.ts'
import type { Fault } from '../errors.ts'
import { nearestName } from '../../directives/nearest-name.ts'
import {
  answer,
  isQuestion,
  notAmong,
  REVIEW_KEYS,
  type ReviewKey,
  regions,
  reviewFaults,
  unknownTerms,
} from './contract-review.ts'
import { DEFAULT_LIMITS, LIMIT_NAMES, type LimitName, type Limits } from '../limits/limits.ts'
import { oneOf, SettingProblem, text, trueOrFalse, wholeNumber } from '../parse-setting.ts'
import type { ClientContract, ContractSource, RegisteredOperation } from '../ports.ts'
import { documentsOf } from './contract-documents.ts'
import { yamlLeaves } from '../yaml-leaves.ts'
import type { YamlLeaf } from '../yaml-leaves.ts'

export interface ContractFile {
  readonly file: string
  readonly text: string
}

/** All contracts of a directory. Throws one `CONTRACTS_INVALID` that names every fault in every file. */
export const contractsInDirectory = (
  directory: string,
  vocabulary: Vocabulary,
  most: Limits = DEFAULT_LIMITS,
): ContractSource => {
  let files: string[]
  try {
    files = readdirSync(directory).filter((file) => /\.ya?ml$/.test(file))
  } catch (cause) {
    throw new AssentError('CONTRACTS_INVALID', directory, { cause })
  }
  return readContracts(
    files
      .toSorted()
      .map((file) => ({ file: join(directory, file), text: readFileSync(join(directory, file), 'utf8') })),
    vocabulary,
    most,
  )
}

/** The same from texts. `most` is how much a contract may allow its client at most. */
export const readContracts = (
  files: readonly ContractFile[],
  vocabulary: Vocabulary,
  most: Limits = DEFAULT_LIMITS,
): ContractSource => {
  const contracts = new Map<string, ClientContract>()
  const faults: Fault[] = []
  for (const file of files) {
    const contract = readContract(file, { vocabulary, most, faults })
    // One without a name has its fault already, and is nobody's second file.
    if (contract.client !== '' && contracts.has(contract.client)) {
      faults.push(fault('client', file.file, 'is in two files.', 'Keep one file a client.'))
    }
    contracts.set(contract.client, contract)
  }
  if (files.length === 0)
    faults.push(fault('clients', 'directory', 'has no contract.', 'Add one YAML file a client.'))
  if (faults.length > 0) throw new AssentError('CONTRACTS_INVALID', `${faults.length} faults`, { faults })
  return { find: (client) => contracts.get(client), all: () => contracts.values() }
}

const list = (written: unknown): string[] => {
  if (!Array.isArray(written)) throw new SettingProblem('is not a list of names.')
  return written.map(text)
}

const sha256 = (written: unknown): string => {
  const value = text(written)
  if (!/^[0-9a-f]{64}$/.test(value)) throw new SettingProblem('is not a SHA-256 in lower-case hex.')
  return value
}

/** What may stand at the top of a contract, and how it is read. */
const KEYS = {
  client: text,
  purposes: list,
  defaultPurpose: text,
  scopes: list,
  operationsOnly: trueOrFalse,
  report: oneOf('extensions', 'errors', 'none'),
  onWithheld: oneOf('strip', 'reject'),
  disclose: oneOf('full', 'coordinate'),
  introspection: (written: unknown): boolean | 'own' => (written === 'own' ? 'own' : trueOrFalse(written)),
  explain: trueOrFalse,
  trustedDocuments: text,
  policies: list,
  owner: text,
  regions,
  destinations: list,
  fields: list,
}
const CONTEXT_KEYS = ['channel', 'region', 'brand']
const TAG_KEYS = ['include', 'exclude']
const OPERATION_KEYS = {
  purpose: text,
  sha256,
  document: text,
  budgetMs: wholeNumber(1, 60_000),
  personal: list,
}

type Draft = { -readonly [Key in keyof typeof KEYS]?: ReturnType<(typeof KEYS)[Key]> }

interface Reading {
  readonly most: Limits
  readonly draft: Draft
  readonly limits: Map<LimitName, number>
  readonly context: Map<string, string>
  readonly review: Map<ReviewKey, string>
  readonly tags: Map<string, readonly string[]>
  readonly operations: Map<string, Partial<RegisteredOperation> & { readonly document?: string }>
  readonly places: Map<string, string>
  readonly faults: Fault[]
}

const readContract = (
  { file, text: yaml }: ContractFile,
  { vocabulary, most, faults }: { vocabulary: Vocabulary; most: Limits; faults: Fault[] },
): ClientContract => {
  const read = yamlLeaves(yaml, file)
  faults.push(...read.faults)
  const reading: Reading = {
    most,
    draft: {},
    limits: new Map(),
    context: new Map(),
    review: new Map(),
    tags: new Map(),
    operations: new Map(),
    places: new Map(),
    faults,
  }
  if (read.faults.length === 0) {
    for (const leaf of read.leaves) readLeaf(leaf, reading)
  }
  const documents = documentsOf(file, reading)
  if (read.faults.length === 0) checkContract(reading, vocabulary, file)
  const {
    draft: { trustedDocuments: _manifest, ...draft },
    context,
    limits,
    review,
    tags,
  } = reading
  return {
    ...DEFAULTS,
    ...draft,
    ...(documents !== null && { trustedDocuments: documents }),
    operations: reading.operations as Map<string, RegisteredOperation>,
    context: Object.fromEntries(context),
    review: Object.fromEntries(review) as Record<ReviewKey, string>,
    ...(tags.size > 0 && {
      tags: { include: tags.get('include') ?? [], exclude: tags.get('exclude') ?? [] },
    }),
    ...(limits.size === 0 ? {} : { limits: Object.fromEntries(limits) as Partial<Limits> }),
  }
}

/** What a contract does not say: it allows nothing, and tells in full what is withheld. */
const DEFAULTS = {
  client: '',
  purposes: [],
  scopes: [],
  operationsOnly: false,
  report: 'extensions',
  onWithheld: 'strip',
  disclose: 'full',
  introspection: false,
} as const

const readLeaf = (leaf: YamlLeaf, reading: Reading): void => {
  const name = leaf.path.join('.')
  reading.places.set(name, leaf.place)
  try {
    if (!takeLeaf(leaf, reading)) reading.faults.push(unknownKey(name, leaf.place))
  } catch (problem) {
    if (!(problem instanceof SettingProblem)) throw problem
    const remedy = 'See docs/vocabulary.md and clients/explorer.yaml.'
    reading.faults.push(fault(name, leaf.place, problem.message, remedy))
  }
}

/** False when a contract has no such place. */
const takeLeaf = ({ path, value }: YamlLeaf, reading: Reading): boolean => {
  const { draft, operations } = reading
  const [top = '', name = '', key = ''] = path
  if (path.length === 1 && Object.hasOwn(KEYS, top)) {
    Object.assign(draft, { [top]: KEYS[top as keyof typeof KEYS](value) })
    return true
  }
  if (path.length === 2) return takePair(top, name, value, reading)
  if (path.length !== 3 || top !== 'operations' || !Object.hasOwn(OPERATION_KEYS, key)) return false
  const read = OPERATION_KEYS[key as keyof typeof OPERATION_KEYS](value)
  operations.set(name, { ...operations.get(name), [key]: read })
  return true
}

// eslint-disable-next-line max-params -- the path in two, and what stands there
const takePair = (
  top: string,
  name: string,
  value: unknown,
  { context, review, tags, limits, most }: Reading,
): boolean => {
  if (top === 'context' && CONTEXT_KEYS.includes(name)) context.set(name, text(value))
  else if (top === 'review' && isQuestion(name)) review.set(name, answer(value))
  else if (top === 'tags' && TAG_KEYS.includes(name)) tags.set(name, list(value))
  else if (top === 'limits' && isLimit(name)) limits.set(name, wholeNumber(1, most[name])(value))
  else return false
  return true
}

const isLimit = (name: string): name is LimitName => LIMIT_NAMES.some((known) => known === name)

const unknownKey = (name: string, place: string): Fault => {
  const meant = nearestName(name, [
    ...Object.keys(KEYS),
    'operations',
    ...CONTEXT_KEYS.map((key) => `context.${key}`),
    ...TAG_KEYS.map((key) => `tags.${key}`),
    ...REVIEW_KEYS.map((key) => `review.${key}`),
    ...LIMIT_NAMES.map((key) => `limits.${key}`),
  ])
  return fault(name, place, 'is not part of a contract.', meant ? `Did you mean \`${meant}\`?` : 'Remove it.')
}

/** A contract promises only what the vocabulary knows, and its parts agree with one another. */
const checkContract = (reading: Reading, vocabulary: Vocabulary, file: string): void => {
  const { draft, operations, places, faults } = reading
  const at = (name: string): string => places.get(name) ?? file
  for (const key of ['client', 'purposes', 'scopes'] as const) {
    if (draft[key] === undefined && !places.has(key)) faults.push(fault(key, file, 'is missing.', 'Add it.'))
  }
  faults.push(...reviewFaults({ ...draft, region: reading.context.get('region') }, places, file))
  faults.push(...unknownTerms('purposes', draft.purposes, vocabulary.purposes, at('purposes')))
  faults.push(...unknownTerms('scopes', draft.scopes, vocabulary.scopes, at('scopes')))
  const offers = (purpose: string | undefined): boolean => draft.purposes?.includes(purpose ?? '') ?? true
  if (draft.defaultPurpose !== undefined && !offers(draft.defaultPurpose)) {
    faults.push(notOffered('defaultPurpose', at('defaultPurpose')))
  }
  for (const [name, { purpose, sha256: digest }] of operations) {
    const place = at(`operations.${name}.purpose`)
    if (!offers(purpose)) faults.push(notOffered(`operations.${name}.purpose`, place))
    if (draft.operationsOnly && digest === undefined)
      faults.push(unproved(`operations.${name}.sha256`, place))
  }
}

const notOffered = (name: string, place: string): Fault => notAmong(name, place, 'purposes')

/** A name alone proves no text: with `operationsOnly` anything could be sent under it. */
const unproved = (name: string, place: string): Fault =>
  fault(name, place, 'is missing, and `operationsOnly` is true.', 'Add the SHA-256 of the text.')

const fault = (...[name, place, problem, remedy]: [string, string, string, string]): Fault => {
  return { name, place, problem, remedy }
}
