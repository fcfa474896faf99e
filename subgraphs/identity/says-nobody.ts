import { isNobodys, isPlaceholderText } from './matching/table/nobodys-values.ts'
import type { IdentifierKind } from './store.ts'

/**
 * Whether an identifier is one that is typed where there is none, `null@example.com` or `000-00-0000`: two records that both
 * have it say nothing about each other. It is kept and looked up as it is; it only joins nobody.
 */
export function saysNobody(kind: IdentifierKind, written: string): boolean {
  const text = written.normalize('NFKC').trim().toLowerCase()
  const like = LIKE[kind]
  if (isPlaceholderText(text, like)) return true
  return kind === 'EMAIL' ? isNobodys(like, text) : isNobodys(like, text.replace(/[^\p{L}\p{N}]/gu, ''))
}

const LIKE = { EMAIL: 'email', PHONE: 'phone', LOYALTY: 'national_id' } as const
