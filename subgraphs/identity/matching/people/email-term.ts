import { foldText } from '../text/fold-text.ts'
import { isPlaceholder } from './placeholders.ts'

export interface EmailTerm {
  /** Without case and tag: what two spellings of one mailbox have in common. */
  readonly text: string
  /** Before the @, without its tag. */
  readonly local: string
  readonly domain: string
  /** The words of the local part, without digits. */
  readonly words: readonly string[]
  /** The domain's name without its ending: for a company's own domain, nearly the company. */
  readonly house: string
  /** An office, a family, a shop: whoever reads there is not one person. */
  readonly isRole: boolean
}

/** Null: not an address, or one that stands for none. */
export function emailTerm(written: string): EmailTerm | null {
  const text = written.normalize('NFKC').toLowerCase().trim()
  const at = text.lastIndexOf('@')
  const [whole, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || domain === '' || /\s/.test(text)) return null
  const local = whole.replace(/(?<=.)\+.*$/, '')
  const words = foldText(local.replace(/\d+/g, ' ')).split(' ').filter(Boolean)
  if (isPlaceholder(words.join(' '))) return null
  return {
    text: `${local}@${domain}`,
    local,
    domain,
    words,
    house: foldText(domain.split('.').slice(0, -1).join('')).replaceAll(' ', ''),
    isRole: words.some((word) => ROLES.has(word) || /.(family|familie)$/.test(word)),
  }
}

/** RFC 2142 and what shops and offices call their mailboxes. */
const ROLES = new Set([
  'info',
  'office',
  'sales',
  'support',
  'help',
  'helpdesk',
  'service',
  'contact',
  'contacto',
  'kontakt',
  'enquiries',
  'inquiries',
  'hello',
  'mail',
  'email',
  'post',
  'admin',
  'administrator',
  'webmaster',
  'hostmaster',
  'postmaster',
  'abuse',
  'team',
  'staff',
  'shop',
  'store',
  'orders',
  'order',
  'billing',
  'accounts',
  'accounting',
  'invoice',
  'invoices',
  'payroll',
  'hr',
  'jobs',
  'careers',
  'marketing',
  'press',
  'media',
  'legal',
  'privacy',
  'security',
  'reception',
  'booking',
  'bookings',
  'reservations',
  'buero',
  'verwaltung',
  'family',
  'familie',
  'famille',
  'familia',
  'home',
  'everyone',
  'all',
])
