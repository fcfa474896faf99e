import type { Change, Consent, Outcome, Place, Preferences } from '../../../../sdk/consent.ts'
import { ConsentError } from '../../../../sdk/consent-error.ts'
import { createConsent } from '../../../../sdk/create-consent.ts'
import { element } from './element.ts'
import { historyList } from './history-list.ts'
import { createScopeCard, isByDefault, type Progress, type ScopeCard } from './scope-card.ts'
import { openSession } from './open-session.ts'
import { isLanguage, type Language, WORDS, type Words } from './words.ts'

interface Shown {
  readonly language: Language
  readonly words: Words
  readonly cards: ReadonlyMap<string, ScopeCard>
  readonly history: HTMLElement
  preferences: Preferences
}

const LANGUAGE = 'assent-language'
const PLACE_UNKNOWN = new Set(['UNKNOWN_REGION', 'UNKNOWN_BRAND', 'INVALID_CONTEXT'])
const session = await openSession()
const asked = new URLSearchParams(location.search)
const consent: Consent = createConsent({
  url: location.origin,
  token: session.token,
  keys: session.keys,
})
/** Where the person looks from, as the link says it. */
let place: Place = { region: asked.get('region'), brand: asked.get('brand') }
let shown: Shown | undefined
/** Which choices wait until a revision is in force. */
const following = new Map<string, readonly string[]>()

consent.on('change', (change) => void onChange(change))
await open(wantedLanguage())

function wantedLanguage(): Language {
  const wanted = [
    asked.get('language'),
    localStorage.getItem(LANGUAGE),
    ...navigator.languages.map((tag) => tag.split('-', 1)[0] ?? ''),
  ]
  return wanted.find((tag): tag is Language => tag !== null && isLanguage(tag)) ?? 'en'
}

/** The whole page in one language. */
async function open(language: Language): Promise<void> {
  const words = WORDS[language]
  document.documentElement.lang = language
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr'
  document.title = words.title
  if (shown === undefined) render(element('main', {}, element('p', { class: 'note' }, words.loading)))
  try {
    const preferences = await read(language)
    shown = build(preferences, language)
    await refresh()
  } catch (error) {
    if (hasEnded(error)) await session.renew()
    render(
      header(language),
      element('main', {}, element('p', { class: 'note', role: 'alert' }, sentenceFor(error, words))),
    )
  }
}

/** A link with a place that nobody knows must not keep a person from their choices. */
async function read(language: Language): Promise<Preferences> {
  return consent.read({ ...place, language }).catch((error: unknown) => {
    if (!(error instanceof ConsentError) || !PLACE_UNKNOWN.has(error.code)) throw error
    place = {}
    return consent.read({ language })
  })
}

function build(preferences: Preferences, language: Language): Shown {
  const words = WORDS[language]
  const isBlocked = preferences.blocked !== null
  const choose = (scope: string, isYes: boolean) => void decide([scope], isYes)
  const cards = new Map(
    preferences.scopes.map((scope) => [
      scope.scope,
      createScopeCard(scope, { words, language, isBlocked, choose }),
    ]),
  )
  const history = element('div')
  const notes = [
    ...(isBlocked ? [words.blocked] : []),
    ...(preferences.signals.globalPrivacyControl ? [words.signal] : []),
  ].map((note) => element('p', { class: 'note' }, note))
  render(
    header(language, preferences),
    element(
      'main',
      {},
      ...notes,
      element('ul', { class: 'cards' }, ...[...cards.values()].map((card) => card.element)),
      element(
        'button',
        { type: 'button', class: 'all', disabled: isBlocked, onclick: () => void withdrawAll() },
        words.withdrawAll,
      ),
      element(
        'section',
        { 'aria-labelledby': 'history' },
        element('h2', { id: 'history' }, words.history),
        history,
      ),
    ),
  )
  return { language, words, cards, history, preferences }
}

function header(language: Language, told?: Preferences): HTMLElement {
  const words = WORDS[language]
  const select = element('select', {
    id: 'language',
    onchange: () => {
      localStorage.setItem(LANGUAGE, select.value)
      void open(select.value as Language).then(() => document.getElementById('language')?.focus())
    },
  })
  for (const [tag, { name }] of Object.entries(WORDS))
    select.append(element('option', { value: tag, lang: tag, selected: tag === language }, name))
  return element(
    'header',
    {},
    element('div', { class: 'language' }, element('label', { for: 'language' }, words.language), select),
    element('h1', {}, words.title),
    element('p', { class: 'intro' }, words.intro, ...responsible(language, told)),
  )
}

/** Who decides over the data, and who else may get it (GDPR Art. 13(1)(a) and (e)). */
function responsible(language: Language, told?: Preferences): readonly string[] {
  const { controller = null, recipients = [] } = told ?? {}
  const words = WORDS[language]
  const names = new Intl.ListFormat(language).format(recipients)
  return [
    ...(controller === null ? [] : [` ${words.controller.replace('{name}', () => controller)}`]),
    ...(recipients.length === 0 ? [] : [` ${words.recipients.replace('{names}', () => names)}`]),
  ]
}

/** Shows what the service knows now, without touching what has the focus. */
async function refresh(): Promise<void> {
  if (shown === undefined) return
  const { language, words, cards, history } = shown
  shown.preferences = await read(language)
  for (const scope of shown.preferences.scopes) cards.get(scope.scope)?.show(scope)
  const receipts = await consent.history({ language })
  history.replaceChildren(historyList(receipts, { words, language, download: (id) => void download(id) }))
}

/** What was said and could not be sent is shown as it was said, though nobody can be asked. */
async function showWaiting(): Promise<void> {
  const waiting = await consent.waiting()
  for (const scope of shown?.preferences.scopes ?? []) {
    const said = waiting.findLast(({ scopes }) => scopes.includes(scope.scope))
    shown?.cards.get(scope.scope)?.show({ ...scope, waiting: said?.action ?? null })
  }
}

async function withdrawAll(): Promise<void> {
  const scopes =
    shown?.preferences.scopes.filter(({ waiting }) => waiting === null || waiting === 'give') ?? []
  const given = scopes.filter(
    ({ status, waiting }) => waiting === 'give' || ['GIVEN', 'RENEWED', 'OTHER_REGION'].includes(status),
  )
  const byDefault = scopes.filter((scope) => !given.includes(scope) && isByDefault(scope))
  for (const group of [given, byDefault])
    if (group.length > 0)
      await decide(
        group.map(({ scope }) => scope),
        false,
      )
}

async function decide(scopes: readonly string[], isYes: boolean): Promise<void> {
  const before = new Map(shown?.preferences.scopes.map((scope) => [scope.scope, scope.status]))
  const wasAsked = scopes.some((scope) =>
    ['GIVEN', 'RENEWED', 'OTHER_REGION'].includes(before.get(scope) ?? ''),
  )
  const said = { surface: 'preferences' }
  tell(scopes, 'saving')
  try {
    const outcome = await (isYes
      ? consent.give(scopes, said)
      : wasAsked
        ? consent.withdraw(scopes, said)
        : consent.refuse(scopes, said))
    await (outcome.state === 'waiting' ? showWaiting() : refresh())
    tell(scopes, progressOf(outcome, scopes))
    // It may wait for another token as well as for a connection; it is written down, so the page may be left.
    if (outcome.state === 'waiting')
      await consent.read().catch((error: unknown) => hasEnded(error) && session.renew())
  } catch (error) {
    const progress = progressFor(error)
    // Other words: all of them are shown anew before anything else is asked.
    if (progress === 'stale' && shown !== undefined) await open(shown.language)
    else await refresh().catch(() => {})
    tell(scopes, progress)
  }
}

function progressOf(outcome: Outcome, scopes: readonly string[]): Progress {
  if (outcome.state === 'waiting') return 'waiting'
  if (outcome.effective === 'EFFECTIVE') return 'effective'
  following.set(outcome.revision, scopes)
  return 'pending'
}

/** What happens later: what waited has arrived, what was on its way is in force, another tab said something. */
async function onChange({ reason, statement, revision = '', effective }: Change): Promise<void> {
  if (reason === 'effective') {
    tell(following.get(revision) ?? [], 'effective')
    following.delete(revision)
  }
  if (reason === 'elsewhere') await refresh().catch(() => {})
  if (reason !== 'taken' || statement === undefined) return
  const waited = statement.scopes.filter((scope) => shown?.cards.get(scope)?.isWaiting())
  if (waited.length === 0) return
  await refresh().catch(() => {})
  tell(waited, effective === 'EFFECTIVE' ? 'effective' : 'pending')
  if (effective === 'PENDING') following.set(revision, waited)
}

/** On the cards for who sees, and once in the live region for who listens. */
function tell(scopes: readonly string[], progress: Progress): void {
  for (const scope of scopes) shown?.cards.get(scope)?.tell(progress)
  const said = document.getElementById('said')
  if (said !== null && progress !== null && shown !== undefined && scopes.length > 0)
    said.textContent = shown.words[progress]
}

const PROGRESS: ReadonlyMap<string, Progress> = new Map([
  ['OFFLINE', 'offline'],
  ['NOTICE_STALE', 'stale'],
  ['CONSENT_CHANGED_MEANWHILE', 'changed'],
])

function progressFor(error: unknown): Progress {
  return (error instanceof ConsentError ? PROGRESS.get(error.code) : null) ?? 'failed'
}

function sentenceFor(error: unknown, words: Words): string {
  if (hasEnded(error)) return words.ended
  return error instanceof ConsentError && error.code === 'OFFLINE' ? words.offline : words.failed
}

function hasEnded(error: unknown): boolean {
  return error instanceof ConsentError && error.code.startsWith('TOKEN_')
}

async function download(receipt: string): Promise<void> {
  const proof = await consent.prove(receipt)
  const url = URL.createObjectURL(new Blob([JSON.stringify(proof, null, 2)], { type: 'application/json' }))
  element('a', { href: url, download: `consent-receipt-${receipt}.json` }).click()
  URL.revokeObjectURL(url)
}

function render(...children: readonly Node[]): void {
  document.getElementById('page')?.replaceChildren(...children)
}
