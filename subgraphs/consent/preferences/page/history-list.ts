import type { ReceiptSummary } from '../../../../sdk/consent.ts'
import { element } from './element.ts'
import type { Language, Words } from './words.ts'

export interface HistoryParts {
  readonly words: Words
  readonly language: Language
  readonly download: (receipt: string) => void
}

/** Everything this person has decided, the latest first, each with its receipt to keep. */
export function historyList(receipts: readonly ReceiptSummary[], parts: HistoryParts): HTMLElement {
  const { words } = parts
  if (receipts.length === 0) return element('p', { class: 'state' }, words.noHistory)
  return element('ol', { class: 'history' }, ...receipts.map((receipt) => entryOf(receipt, parts)))
}

function entryOf(
  { receipt, title, status, at }: ReceiptSummary,
  { words, language, download }: HistoryParts,
): HTMLElement {
  const isYes = status === 'GIVEN' || status === 'RENEWED'
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(at),
  )
  return element(
    'li',
    {},
    element('span', { class: isYes ? 'mark yes' : 'mark' }, isYes ? words.yes : words.no),
    element('span', { class: 'what' }, title),
    element('time', { datetime: at }, when),
    element(
      'button',
      {
        type: 'button',
        class: 'plain',
        'aria-label': `${words.download}: ${title}, ${when}`,
        onclick: () => download(receipt),
      },
      words.download,
    ),
  )
}
