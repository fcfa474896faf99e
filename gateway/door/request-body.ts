import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { AssentError } from '../errors.ts'
import { parseOperations } from './exact-variables.ts'

/** The JSON of a request body. The limit holds for what arrives and for what it unfolds to, while it does (CVE-2024-28101). */
export const readBody = async (request: IncomingMessage, limit: number): Promise<unknown> => {
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': announced } = request.headers
  if (!isJson(type)) throw new AssentError('CONTENT_TYPE_UNSUPPORTED', 'content-type')
  const inflate = encoding === undefined ? undefined : inflaterOf(encoding)
  if (announced !== undefined && Number(announced) > limit) throw tooLarge()
  return parseJson(await collect(request, limit, inflate))
}

/** UTF-8 and nothing else: other encodings have been used to get past checks (CVE-2026-23897). */
const isJson = (type = ''): boolean => {
  if (type === 'application/json') return true
  const [essence = '', ...parameters] = type.split(';').map((part) => part.trim().toLowerCase())
  const isUtf8Only = parameters.every(
    (parameter) => !parameter.startsWith('charset') || /^charset="?utf-8"?$/.test(parameter),
  )
  return essence === 'application/json' && isUtf8Only
}

/** One encoding; several on top of each other unfold by a factor each. */
const inflaterOf = (encoding: string): Transform | undefined => {
  switch (encoding.toLowerCase()) {
    case 'identity':
      return undefined
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new AssentError('CONTENT_ENCODING_UNSUPPORTED', 'content-encoding')
  }
}

const tooLarge = (): AssentError => new AssentError('REQUEST_TOO_LARGE', 'limits.bodyBytes')

const collect = (request: IncomingMessage, limit: number, inflate: Transform | undefined): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const refuse = (error: AssentError): void => {
      request.removeAllListeners('data')
      if (inflate !== undefined) {
        request.unpipe(inflate)
        inflate.destroy()
      }
      reject(error)
    }
    const keep = (chunk: Buffer): void => {
      size += chunk.length
      if (size > limit) refuse(tooLarge())
      else chunks.push(chunk)
    }
    const finish = (): void => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    request.once('close', () => {
      if (!request.complete) refuse(new AssentError('CLIENT_GONE', 'connection'))
    })
    if (inflate === undefined) return void request.on('data', keep).once('end', finish)
    let arrived = 0
    request.on('data', (chunk: Buffer) => {
      arrived += chunk.length
      if (arrived > limit) refuse(tooLarge())
    })
    inflate.on('data', keep).once('end', finish)
    inflate.once('error', () => refuse(new AssentError('BAD_REQUEST', 'body')))
    request.pipe(inflate)
  })

const parseJson = (bytes: Buffer): unknown => {
  if (!isUtf8(bytes)) throw new AssentError('BAD_REQUEST', 'body')
  try {
    return parseOperations(bytes.toString('utf8'), (body) => (Array.isArray(body) ? body : [body]))
  } catch {
    throw new AssentError('BAD_REQUEST', 'body')
  }
}
