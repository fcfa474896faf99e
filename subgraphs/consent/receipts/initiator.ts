import type { Receipt } from './receipt.ts'

/** Who brought a change about, as a kind: consumers need not know which person of the service desk it was. */
export type Initiator = 'person' | 'service_desk' | 'import' | 'system'

export function initiatorOf({ actor, subject, source }: Receipt): Initiator {
  if (/^import\b/.test(source)) return 'import'
  if (actor === subject) return 'person'
  return actor === null ? 'system' : 'service_desk'
}
