import { AssentError } from '../gateway/errors.ts'
import type { Config } from '../gateway/config.ts'
import type { ReceiptSecrets } from '../subgraphs/consent/receipts/receipt-keys.ts'

/** What receipts are sealed and signed with, where it is set; else it is made once and kept in the data directory. */
export const receiptSecretsOf = ({
  receiptMasterKeys: masters,
  receiptSigningKeys: signers,
}: Config): ReceiptSecrets | null => {
  if (masters.length === 0 && signers.length === 0) return null
  if (masters.length > 0 && signers.length > 0) return { masters, signers }
  const name = masters.length === 0 ? 'receipts.masterKeys' : 'receipts.signingKeys'
  const remedy = 'Set both, or neither: then both are made once and kept in the data directory.'
  const faults = [{ name, place: 'settings', problem: 'is not set and the other one is.', remedy }]
  throw new AssentError('CONFIG_INVALID', name, { faults })
}
