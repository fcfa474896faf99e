import { join } from 'node:path'
import { keptKey } from '../../kept-key.ts'
import { makeMasterSecret, makeSigningKey, type ReceiptSecrets } from './receipt-keys.ts'

/** The secrets in a data directory, made at the first time. Whoever copies the tables alone can read nobody's receipts. */
export function keptReceiptSecrets(directory: string): ReceiptSecrets {
  return {
    masters: [keptKey(join(directory, 'receipt-master.key'), makeMasterSecret)],
    signers: [keptKey(join(directory, 'receipt-signing.key'), makeSigningKey)],
  }
}
