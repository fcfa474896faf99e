import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { approvalStatement, type SignedApproval } from './approval-statement.ts'
import { RegistryError } from './registry-error.ts'
import type { KeptApproval } from './registry-store.ts'

/**
 * An approval is an owner's own word: signed with the owner's key over a tag, the hash of one finding of one content, and the
 * time it ends, so that nobody else can say it and it cannot be said of anything else. Throws `RegistryError`.
 */
export const provedApproval = (
  approval: SignedApproval,
  keys: ReadonlyMap<string, KeyObject>,
  now: number,
): KeptApproval => {
  const { tag, hash, by, until, signature } = approval
  const statement = Buffer.from(approvalStatement(approval))
  const key = keys.get(by)
  const isProved = key !== undefined && verify(null, statement, key, Buffer.from(signature, 'base64'))
  if (!isProved) throw new RegistryError('APPROVAL_FORGED', 'signature')
  if (!(Date.parse(until) > now)) throw new RegistryError('APPROVAL_EXPIRED', 'until')
  return { id: createHash('sha256').update(statement).digest('hex'), tag, hash, by, until }
}

/** PEM, or the 32 bytes in base64. Throws `TypeError` or what the library throws for what is none. */
export const readPublicKey = (written: string): KeyObject => {
  const key = written.includes('-----BEGIN')
    ? createPublicKey(written)
    : createPublicKey({
        key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(written, 'base64').toString('base64url') },
        format: 'jwk',
      })
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not a key of Ed25519')
  return key
}
