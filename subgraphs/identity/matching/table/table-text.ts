import { isUtf8 } from 'node:buffer'
import { createReadStream, statSync } from 'node:fs'
import { CodedFailure } from '../../../coded-failure.ts'

export interface TableText {
  readonly encoding: string
  /** Bytes of the file. */
  readonly bytes: number
  /** Nobody said so, and other encodings could be read with as little complaint. */
  readonly isGuessed: boolean
}

/**
 * Finds out how a file is written: by its mark, by being valid UTF-8 to the end, or by looking like Western text of one
 * byte a letter. Anything else is refused, not guessed: names would come out wrong and be compared.
 */
export const encodingOf = async (file: string, asked: string | null): Promise<TableText> => {
  const bytes = sizeOf(file)
  if (bytes === 0) throw new CodedFailure('TABLE_EMPTY', file)
  if (asked !== null) return { encoding: labelled(asked), bytes, isGuessed: false }
  const head = await headOf(file)
  refusePacked(head, file)
  const marked = byMark(head)
  if (marked !== null) return { encoding: marked, bytes, isGuessed: false }
  const suspect = await firstNotUtf8(file)
  if (suspect === null) return { encoding: 'utf-8', bytes, isGuessed: false }
  if (suspect.looksWestern) return { encoding: 'windows-1252', bytes, isGuessed: true }
  throw new CodedFailure('TABLE_ENCODING_UNKNOWN', `${file}, line ${suspect.line}`)
}

/** The text of a file, part by part, without its mark. */
export async function* textOf(
  file: string,
  { encoding }: TableText,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  const stream = createReadStream(file, { highWaterMark: PART })
  for await (const chunk of stream) {
    yield decoder.decode(chunk as Uint8Array, { stream: true })
    onBytes?.(stream.bytesRead)
  }
  yield decoder.decode()
}

const PART = 256 * 1024

const sizeOf = (file: string): number => {
  try {
    const found = statSync(file)
    if (found.isFile()) return found.size
  } catch (problem) {
    const { code } = problem as { code?: string }
    throw new CodedFailure(
      'TABLE_UNREADABLE',
      `${file}: ${code === 'ENOENT' ? 'there is no such file' : code}`,
    )
  }
  throw new CodedFailure('TABLE_UNREADABLE', `${file}: it is not a file`)
}

const labelled = (label: string): string => {
  try {
    return new TextDecoder(label).encoding
  } catch {
    throw new CodedFailure('TABLE_ENCODING_UNKNOWN', `--encoding ${label}`)
  }
}

const headOf = async (file: string): Promise<Buffer> => {
  try {
    for await (const chunk of createReadStream(file, { end: 4095 })) return chunk as Buffer
  } catch (problem) {
    throw new CodedFailure(
      'TABLE_UNREADABLE',
      `${file}: ${(problem as { code?: string }).code ?? 'no answer'}`,
    )
  }
  return Buffer.alloc(0)
}

const PACKED: readonly (readonly [start: string, what: string])[] = [
  ['1f8b', 'it is packed by gzip'],
  ['504b0304', 'it is a spreadsheet or a zip archive'],
  ['d0cf11e0', 'it is an old spreadsheet'],
  ['28b52ffd', 'it is packed by zstd'],
  ['25504446', 'it is a PDF'],
  ['50415231', 'it is Parquet'],
]

const refusePacked = (head: Buffer, file: string): void => {
  const start = head.toString('hex', 0, 4)
  const packed = PACKED.find(([magic]) => start.startsWith(magic))
  if (packed !== undefined) throw new CodedFailure('TABLE_UNREADABLE', `${file}: ${packed[1]}`)
}

/** By the byte order mark; UTF-16 without one by the zeros that Latin letters leave in it. */
const byMark = (head: Buffer): string | null => {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return null
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  let [even, odd] = [0, 0]
  head.forEach((byte, at) => {
    if (byte !== 0) return
    if (at % 2 === 0) even += 1
    else odd += 1
  })
  const half = head.length / 2
  if (odd > half * 0.4 && even < half * 0.1) return 'utf-16le'
  if (even > half * 0.4 && odd < half * 0.1) return 'utf-16be'
  return null
}

interface Suspect {
  readonly line: number
  readonly looksWestern: boolean
}

const firstNotUtf8 = async (file: string): Promise<Suspect | null> => {
  let line: number | null = null
  let lines = 1
  let isWestern = true
  let rest = Buffer.alloc(0)
  for await (const chunk of createReadStream(file, { highWaterMark: PART })) {
    const part = Buffer.concat([rest, chunk as Buffer])
    const whole = wholeCharacters(part)
    if (line === null && !isUtf8(part.subarray(0, whole))) line = lines + linesBefore(part)
    isWestern &&= looksWestern(part)
    // Behind the first fault the rest matters only for what it looks like.
    rest = line === null ? part.subarray(whole) : Buffer.alloc(0)
    if (line === null) lines += countLines(part, whole)
    else if (!isWestern) break
  }
  if (line === null && rest.length > 0) line = lines
  return line === null ? null : { line, looksWestern: isWestern }
}

/** How much of it does not end inside a character: one of UTF-8 has at most three bytes behind its first. */
const wholeCharacters = (part: Buffer): number => {
  for (let back = 1; back <= Math.min(4, part.length); back += 1) {
    const byte = part[part.length - back] ?? 0
    if (byte < 0x80) return part.length
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? part.length - back : part.length
    }
  }
  return part.length
}

/** Lines before the first that is not UTF-8. */
const linesBefore = (part: Buffer): number => {
  let [start, lines] = [0, 0]
  for (;;) {
    const feed = part.indexOf(0x0a, start)
    const end = feed === -1 ? part.length : feed
    if (!isUtf8(part.subarray(start, end)) || feed === -1) return lines
    start = feed + 1
    lines += 1
  }
}

const countLines = (part: Buffer, until: number): number => {
  let lines = 0
  for (let at = part.indexOf(0x0a); at !== -1 && at < until; at = part.indexOf(0x0a, at + 1)) lines += 1
  return lines
}

/**
 * Windows-1252 as people write it: letters with marks, one or two together, beside plain ones; and the quotes and blanks
 * a word processor makes. Cyrillic or Greek of one byte comes in long runs, Polish has signs here where letters should be.
 */
const looksWestern = (part: Buffer): boolean => {
  let run = 0
  for (const byte of part) {
    run = byte >= 0x80 ? run + 1 : 0
    if (run > 2 || (byte >= 0x80 && !isWesternByte(byte))) return false
  }
  return true
}

const WESTERN_SIGNS = new Set([
  0x80, 0x8a, 0x8c, 0x8e, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0x9a, 0x9c, 0x9e, 0x9f, 0xa0, 0xaa, 0xb0, 0xb4,
  0xba,
])

const isWesternByte = (byte: number): boolean =>
  (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7) || WESTERN_SIGNS.has(byte)
