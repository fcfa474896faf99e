import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codedError } from '../../coded-error.ts'
import type { Model, ModelCard, ModelKind } from './model.ts'
import { makeModelDirectory } from './model-directory.ts'

/** What only its files can tell of a model. */
export type CardOf = Omit<ModelCard, 'format' | 'version' | 'dims' | 'items' | 'digests'>

/** Card, factors with bias, items. The card is written last: a directory without one is no model. */
export const writeModel = (directory: string, model: Omit<Model, 'card'>, about: CardOf): ModelCard => {
  const { dims, items } = model
  const files = { factors: bytesOf(model), items: Buffer.from(`${JSON.stringify(items)}\n`) }
  const digests = { factors: digestOf(files.factors), items: digestOf(files.items) }
  const body = { format: FORMAT, dims, items: items.length, ...about, digests } as const
  const card: ModelCard = { ...body, version: digestOf(JSON.stringify(body)).slice(0, 16) }
  makeModelDirectory(directory)
  rmSync(join(directory, FILES.card), { force: true })
  put(directory, FILES.factors, files.factors)
  put(directory, FILES.items, files.items)
  put(directory, FILES.card, `${JSON.stringify(card, null, 2)}\n`)
  return card
}

/**
 * Refused, by the name of the file, are files that are torn, are not those of the card, or hold what is no number: a vector
 * with one NaN in it would rank every item alike. `serving` also refuses models whose noise somebody could take away.
 */
export const readModel = (directory: string, use: 'serving' | 'looking' = 'looking'): Model => {
  const card = cardIn(read(directory, FILES.card))
  if (use === 'serving' && card.testSeed !== null) throw codedError('MODEL_OF_TEST', FILES.card)
  const bytes = read(directory, FILES.factors)
  const listed = read(directory, FILES.items)
  if (digestOf(listed) !== card.digests.items) throw torn(FILES.items)
  const items = itemsIn(listed)
  if (items.length !== card.items) throw torn(FILES.items)
  if (bytes.length !== (card.dims + 1) * card.items * FLOAT || digestOf(bytes) !== card.digests.factors)
    throw torn(FILES.factors)
  const numbers = Float32Array.from({ length: bytes.length / FLOAT }, (_, at) =>
    bytes.readFloatLE(at * FLOAT),
  )
  if (!numbers.every(Number.isFinite)) throw torn(FILES.factors)
  const split = card.dims * card.items
  return { card, items, dims: card.dims, factors: numbers.slice(0, split), bias: numbers.slice(split) }
}

/** The files of a model and no other one, which is what may leave the house. As with `writeModel` there is a whole model or none. */
export const copyModel = (from: string, to: string): void => {
  const [factors, items, card] = [FILES.factors, FILES.items, FILES.card].map((name) => read(from, name))
  makeModelDirectory(to)
  for (const [name, content] of [
    [FILES.factors, factors],
    [FILES.items, items],
    [FILES.card, card],
  ] as const)
    put(to, name, content ?? '')
}

const FORMAT = 'assent-model/1'
const FILES = { card: 'model.json', factors: 'items.f32', items: 'items.json' } as const
const FLOAT = 4

const torn = (file: string): Error => codedError('MODEL_UNREADABLE', file)

const digestOf = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex')

/** Little endian on every machine: all factors, then all biases. */
const bytesOf = ({ items, dims, factors, bias }: Omit<Model, 'card'>): Buffer => {
  if (factors.length !== dims * items.length || bias.length !== items.length) throw torn(FILES.factors)
  if (new Set(items).size !== items.length) throw torn(FILES.items)
  const bytes = Buffer.alloc((factors.length + bias.length) * FLOAT)
  let at = 0
  for (const numbers of [factors, bias])
    for (const value of numbers) {
      if (!Number.isFinite(value)) throw torn(FILES.factors)
      at = bytes.writeFloatLE(value, at)
    }
  return bytes
}

/** Beside its place and moved there: who reads meanwhile finds the whole file or none. */
const put = (directory: string, name: string, content: Buffer | string): void => {
  const draft = join(directory, `.${name}.part`)
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, join(directory, name))
}

const read = (directory: string, name: string): Buffer => {
  try {
    return readFileSync(join(directory, name))
  } catch {
    throw torn(name)
  }
}

const parsed = (bytes: Buffer, name: string): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown
  } catch {
    throw torn(name)
  }
}

const cardIn = (bytes: Buffer): ModelCard => {
  const found = parsed(bytes, FILES.card)
  if (!isCard(found)) throw torn(FILES.card)
  const { version, ...body } = found
  if (digestOf(JSON.stringify(body)).slice(0, 16) !== version) throw torn(FILES.card)
  return found
}

const isCard = (value: unknown): value is ModelCard => {
  if (typeof value !== 'object' || value === null) return false
  const card = value as Partial<ModelCard>
  return (
    card.format === FORMAT &&
    KINDS.includes(card.kind as ModelKind) &&
    isCount(card.dims) &&
    isCount(card.items) &&
    typeof card.digests === 'object' &&
    typeof card.privacy === 'object' &&
    (card.testSeed === null || typeof card.testSeed === 'number')
  )
}

const KINDS: readonly ModelKind[] = ['co-occurrence', 'gradient', 'popularity']

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const itemsIn = (bytes: Buffer): readonly string[] => {
  const found = parsed(bytes, FILES.items)
  if (!Array.isArray(found) || !found.every((item) => typeof item === 'string')) throw torn(FILES.items)
  return found
}
