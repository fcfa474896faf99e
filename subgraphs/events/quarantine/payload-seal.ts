import { createHmac, hkdfSync } from 'node:crypto'
import { open, seal } from '../../seal.ts'
import type { Envelope } from '../envelope.ts'

/** What quarantine keeps secret with. */
export interface PayloadSeal {
  /** Of what a source sent: the same for the same bytes, and useless to who has not the key. Hexadecimal. */
  digest(source: string, line: Buffer): string
  seal(id: string, envelope: Envelope): Buffer
  /** Null when it is not as it was sealed, or under another key. */
  open(id: string, sealed: Buffer): Envelope | null
}

/** `secret`: 32 random bytes, or more. */
export function createPayloadSeal(secret: Buffer): PayloadSeal {
  if (secret.length < 32) throw new RangeError('A secret has 32 bytes')
  const derived = (use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `assent quarantine ${use}`, 32))
  const [sealing, digesting] = [derived('payload'), derived('digest')]
  return {
    digest: (source, line) =>
      createHmac('sha256', digesting).update(`${source}\u001f`).update(line).digest('hex'),
    seal: (id, envelope) => seal(Buffer.from(JSON.stringify(envelope)), sealing, Buffer.from(id)),
    open(id, sealed) {
      const text = open(sealed, sealing, Buffer.from(id))
      return text === null ? null : (JSON.parse(text.toString('utf8')) as Envelope)
    },
  }
}
