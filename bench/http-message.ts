/** One HTTP/1.1 message, as far as a closed loop without pipelining needs it. */
export interface HttpMessage {
  readonly head: string
  readonly body: Buffer
  /** Where the next message begins. */
  readonly end: number
}

/** The first message in these bytes; undefined while it is not whole. */
export const readMessage = (bytes: Buffer): HttpMessage | undefined => {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const begin = headEnd + 4
  if (CHUNKED.test(head)) return readChunked(bytes, head, begin)
  const end = begin + Number(LENGTH.exec(head)?.[1] ?? 0)
  return end > bytes.length ? undefined : { head, body: bytes.subarray(begin, end), end }
}

const LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i

const readChunked = (bytes: Buffer, head: string, begin: number): HttpMessage | undefined => {
  const chunks: Buffer[] = []
  let at = begin
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (next > bytes.length) return undefined
    if (size === 0) return { head, body: Buffer.concat(chunks), end: next }
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = next
  }
}
