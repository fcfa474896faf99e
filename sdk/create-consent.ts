import type { Change, Consent, Notice, Place, Preferences, ReceiptSummary } from './consent.ts'
import { type ConsentStorage, outside } from './outside.ts'
import { createService, type Service, type Token } from './service.ts'
import { createSigningKeys, type SigningKeys } from './signing-keys.ts'
import { createStatements } from './statements.ts'
import { createWaitingList, type Waiting } from './waiting-list.ts'

export interface ConsentOptions {
  /** Where the consent service is: `https://consent.shop.example`. */
  readonly url: string
  /** The person's token, or what gets a fresh one. */
  readonly token: Token
  /** Where the person looks from; default: not stated. */
  readonly place?: Place
  readonly fetch?: typeof fetch
  /** Where statements wait; default: `localStorage`, else memory. */
  readonly storage?: ConsentStorage
  /** What signs; default: a key made and kept by the browser. */
  readonly keys?: SigningKeys
  /** Default: the page's. What is no page names one that the service allows. */
  readonly origin?: string
}

/** Reads and changes the consent of one person, also while offline. */
export function createConsent(options: ConsentOptions): Consent {
  const { url, place, storage = ownStorage() } = options
  const service = serviceOf(options)
  const name = `assent-consent:${new URL(url).origin}`
  const listeners = new Set<(change: Change) => void>()
  const tell = (change: Change): void => {
    for (const listener of listeners) listener(change)
  }
  const statements = createStatements({ name, list: createWaitingList(name, storage), service, tell })
  const stopListening = listen(name, {
    online: () => statements.retryNow(),
    elsewhere: () => tell({ reason: 'elsewhere' }),
  })
  void statements.flush()
  let shown: { notice?: Notice } = {}

  return {
    async read(asked) {
      const preferences = (await service.get(`/consent/v1/me${query({ ...place, ...asked })}`)) as Preferences
      shown = { notice: preferences.notice }
      return withWaiting(preferences, await statements.waiting())
    },
    give: (scopes, said) => statements.say('give', scopes, { ...shown, ...said }),
    refuse: (scopes, said) => statements.say('refuse', scopes, { ...shown, ...said }),
    withdraw: (scopes, said) => statements.say('withdraw', scopes, { ...shown, ...said }),
    prove: async (receipt) =>
      (await service.get(`/consent/v1/me/receipts/${encodeURIComponent(receipt)}`)) as object,
    async history(asked) {
      const answer = await service.get(`/consent/v1/me/history${query({ ...asked })}`)
      return (answer as { receipts: readonly ReceiptSummary[] }).receipts
    },
    waiting: () => statements.waiting(),
    on(_event, listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      stopListening()
      statements.close()
      listeners.clear()
    },
  }
}

function serviceOf({ url, token, fetch: send, keys, origin }: ConsentOptions): Service {
  return createService({
    url,
    token,
    origin: origin ?? outside.location?.origin ?? new URL(url).origin,
    keys: keys ?? createSigningKeys(),
    fetch: send ?? fetch.bind(globalThis),
  })
}

function query(asked: Readonly<Record<string, string | null | undefined>>): string {
  const stated = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) if (value) stated.set(name, value)
  const text = stated.toString()
  return text && `?${text}`
}

/** What was said last about each scope, though the service does not know it yet. */
function withWaiting(preferences: Preferences, waiting: readonly Waiting[]): Preferences {
  const lastSaid = (scope: string) => waiting.findLast(({ scopes }) => scopes.includes(scope))?.action ?? null
  const scopes = preferences.scopes.map((scope) => ({ ...scope, waiting: lastSaid(scope.scope) }))
  return { ...preferences, scopes }
}

function listen(
  name: string,
  { online, elsewhere }: { online: () => void; elsewhere: () => void },
): () => void {
  const onStorage = ({ key }: { readonly key?: string | null }): void => {
    if (key === name) elsewhere()
  }
  outside.addEventListener?.('online', online)
  outside.addEventListener?.('storage', onStorage)
  return () => {
    outside.removeEventListener?.('online', online)
    outside.removeEventListener?.('storage', onStorage)
  }
}

function ownStorage(): ConsentStorage {
  try {
    if (outside.localStorage !== undefined) return outside.localStorage
  } catch {
    // A browser may forbid even to look.
  }
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}
