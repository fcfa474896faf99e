import type { Receipt } from '../../subgraphs/consent/receipts/receipt.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { firstReceipt, successor } from './receipts.ts'

/** Lets people say something, each statement a receipt that follows on. Answers the revision. */
export function consentLog(store: ConsentStore, clock: () => number) {
  const heads = new Map<string, Receipt>()
  return async (
    subject: string,
    scope: string,
    status: Receipt['status'],
    more: Partial<Receipt> = {},
  ): Promise<string> => {
    const chain = [subject, scope, more.channel, more.region, more.brand].join(' ')
    const head = heads.get(chain)
    const now = { ...more, at: clock() }
    const receipt = head ? successor(head, status, now) : firstReceipt(subject, scope, { ...now, status })
    const { revision } = await store.append([receipt])
    heads.set(chain, receipt)
    return revision
  }
}
