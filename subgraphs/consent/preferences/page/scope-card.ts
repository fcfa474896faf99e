import type { ScopePreference } from '../../../../sdk/consent.ts'
import { BASIS_WORDS } from './basis-words.ts'
import { element } from './element.ts'
import { withDate } from './with-date.ts'
import type { Language, Words } from './words.ts'

/** What becomes of a choice, in words of the page; null: nothing new. */
export type Progress =
  'saving' | 'waiting' | 'pending' | 'effective' | 'offline' | 'stale' | 'changed' | 'failed' | null

export interface ScopeCard {
  readonly element: HTMLElement
  show(scope: ScopePreference): void
  /** Says what becomes of the choice that was made here. */
  tell(progress: Progress): void
  isWaiting(): boolean
}

export interface CardParts {
  readonly words: Words
  readonly language: Language
  readonly isBlocked: boolean
  readonly choose: (scope: string, isYes: boolean) => void
}

/** One purpose: what it means, where it stands, and a switch. Made once and then only changed, so that the focus stays. */
export function createScopeCard(first: ScopePreference, parts: CardParts): ScopeCard {
  const { words, language, choose } = parts
  const { scope } = first
  let isYes = false
  let told: Progress = null
  const toggle = createSwitch(first, parts, () => choose(scope, !isYes))
  const state = element('p', { class: 'state' })
  const progress = element('p', { class: 'progress' })
  const withdraw = element(
    'button',
    { type: 'button', class: 'plain', onclick: () => choose(scope, false) },
    words.withdraw,
  )
  const about = element(
    'div',
    { id: meaningOf(scope) },
    element('p', {}, first.sentence),
    usesOf(first, words),
    state,
  )
  const title = element('h2', { id: titleOf(scope) }, first.title)
  const tell = (what: Progress): void => {
    told = what
    progress.textContent = what === null ? '' : words[what]
    toggle.button.setAttribute('aria-busy', String(what === 'saving'))
  }
  return {
    element: element(
      'li',
      { class: 'card', 'data-scope': scope },
      element('div', { class: 'about' }, title, about, withdraw, progress),
      toggle.button,
    ),
    show(now) {
      isYes = saysYes(now)
      toggle.set(isYes)
      state.textContent = stateOf(now, words, language)
      withdraw.hidden = now.status !== 'OTHER_REGION' || now.waiting !== null
      if (now.waiting !== null) tell('waiting')
    },
    tell,
    isWaiting: () => told === 'waiting',
  }
}

function titleOf(scope: string): string {
  return `title-${scope}`
}

function meaningOf(scope: string): string {
  return `meaning-${scope}`
}

function createSwitch({ scope }: ScopePreference, { words, isBlocked }: CardParts, onclick: () => void) {
  const answer = element('span', { class: 'answer', 'aria-hidden': 'true' })
  const button = element(
    'button',
    {
      type: 'button',
      role: 'switch',
      class: 'switch',
      'aria-checked': 'false',
      'aria-labelledby': titleOf(scope),
      'aria-describedby': meaningOf(scope),
      disabled: isBlocked,
      onclick,
    },
    element('span', { class: 'track' }, element('span', { class: 'thumb' })),
    answer,
  )
  return {
    button,
    set(isYes: boolean) {
      button.setAttribute('aria-checked', String(isYes))
      answer.textContent = isYes ? words.yes : words.no
    },
  }
}

/** What was said last counts for the person who looks, though it may still be on its way; what nobody objected to is on. */
function saysYes(scope: ScopePreference): boolean {
  if (scope.waiting !== null) return scope.waiting === 'give'
  return scope.status === 'GIVEN' || scope.status === 'RENEWED' || isByDefault(scope)
}

/** In use without a yes: the person may object. */
export function isByDefault({ holds, basis }: ScopePreference): boolean {
  return holds !== 'NO' && basis !== 'CONSENT'
}

function usesOf({ uses }: ScopePreference, words: Words): HTMLElement | string {
  if (uses.length === 0) return ''
  const list = element('ul', { class: 'uses' }, ...uses.map((use) => element('li', {}, use)))
  return element('div', { class: 'used' }, element('p', {}, words.usedFor), list)
}

function stateOf(scope: ScopePreference, words: Words, language: Language): string {
  const { status, since, expiresAt, holds, basis } = scope
  if (status === 'GIVEN' || status === 'RENEWED') {
    const end = expiresAt === null ? '' : ` ${withDate(words.until, expiresAt, language)}`
    const unused = holds === 'NO' ? ` ${words.unused}` : ''
    return withDate(words.given, since, language) + end + unused
  }
  if (isByDefault(scope))
    return `${holds === 'YES' ? words.byDefault : words.somewhere} ${BASIS_WORDS[language]?.[basis ?? ''] ?? ''}`.trim()
  return withDate(words[wordFor(status)], since, language)
}

const WORD_FOR: ReadonlyMap<string, 'refused' | 'withdrawn' | 'expired' | 'invalidated' | 'elsewhere'> =
  new Map([
    ['REFUSED', 'refused'],
    ['WITHDRAWN', 'withdrawn'],
    ['REVOKED', 'invalidated'],
    ['INVALIDATED', 'invalidated'],
    ['EXPIRED', 'expired'],
    ['OTHER_REGION', 'elsewhere'],
  ])

function wordFor(status: string) {
  return WORD_FOR.get(status) ?? 'unknown'
}
