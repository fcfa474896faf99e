import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { EventErrorCode } from '../../event-error-catalogue.ts'

export type ReadBody = { readonly bytes: Buffer } | { readonly code: EventErrorCode }

/**
 * The whole of a body, unpacked, or why not. It is given up as soon as it is larger than it may be, packed or unpacked: a
 * small archive can hold a very large text (CWE-409).
 */
export async function readBody(body: Readable, encoding: string, mostBytes: number): Promise<ReadBody> {
  const isPacked = encoding === 'gzip' || encoding === 'x-gzip'
  if (!isPacked && encoding !== '' && encoding !== 'identity') return { code: 'BATCH_ENCODING_UNKNOWN' }
  const stream = isPacked ? body.pipe(createGunzip()) : body
  // An error of the connection is not passed on by a pipe.
  if (isPacked) body.once('error', (error) => stream.destroy(error))
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length
      if (bytes > mostBytes) return { code: 'EVENTS_TOO_MANY' }
      chunks.push(chunk as Buffer)
    }
    return { bytes: Buffer.concat(chunks, bytes) }
  } catch {
    return { code: 'BATCH_UNREADABLE' }
  } finally {
    stream.destroy()
    if (isPacked) body.unpipe()
  }
}

/** Lines without their ends; empty ones are none. They share the memory of the whole. */
export function linesOf(bytes: Buffer): readonly NumberedLine[] {
  const lines: NumberedLine[] = []
  let start = 0
  for (let number = 1; start < bytes.length; number++) {
    const next = bytes.indexOf(0x0a, start)
    const end = next === -1 ? bytes.length : next
    const line = bytes.subarray(start, bytes[end - 1] === 0x0d && end > start ? end - 1 : end)
    if (line.length > 0) lines.push({ number, line })
    start = end + 1
  }
  return lines
}

export interface NumberedLine {
  /** From 1. */
  readonly number: number
  readonly line: Buffer
}
