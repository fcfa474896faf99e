import { thumbprintOf } from '../../../../sdk/sign.ts'
import { createSigningKeys, type SigningKeys } from '../../../../sdk/signing-keys.ts'

const KEPT = 'assent-person-token'
const SENT_AT = 'assent-sent-to-login'
/** Who comes back without a token that is of use is not sent at once again. */
const PATIENCE_MS = 10_000

export interface Session {
  readonly token: string
  readonly keys: SigningKeys
  /** Sends the person to where they get another token, if there is such a place; false when there is none. */
  renew(): Promise<boolean>
}

/**
 * Who is here. The token the shop sends a person with, behind `#`, is taken out of the address at once, where it would be seen
 * and kept, and lives as long as this tab. Where the shop has a page for it the person is sent there with the thumbprint of
 * this browser's key (as RFC 9449 §10 does), and comes back with a token that is for this key alone.
 */
export async function openSession(): Promise<Session> {
  const keys = createSigningKeys()
  const token = takenToken()
  const login = await loginUrl()
  const renew = async (): Promise<boolean> => {
    const isTooSoon = Date.now() - Number(sessionStorage.getItem(SENT_AT) ?? 0) < PATIENCE_MS
    if (login === null || isTooSoon) return false
    sessionStorage.setItem(SENT_AT, String(Date.now()))
    const url = new URL(login)
    url.searchParams.set('jkt', await thumbprintOf(keys))
    url.searchParams.set('return', location.origin + location.pathname + location.search)
    location.assign(url)
    return new Promise(() => {})
  }
  if (login !== null && !isFor(await thumbprintOf(keys), token)) await renew()
  return { token, keys, renew }
}

function takenToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given !== null) {
    history.replaceState(null, '', location.pathname + location.search)
    sessionStorage.setItem(KEPT, given)
  }
  return given ?? sessionStorage.getItem(KEPT) ?? ''
}

async function loginUrl(): Promise<string | null> {
  try {
    const { url } = (await (await fetch('/preferences/login.json')).json()) as { url: string | null }
    return url
  } catch {
    return null
  }
}

/** Read without proving it: the service does. */
function isFor(thumbprint: string, token: string): boolean {
  try {
    const claims: unknown = JSON.parse(
      atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')),
    )
    const { cnf, exp } = claims as { cnf?: { jkt?: unknown }; exp?: number }
    return cnf?.jkt === thumbprint && (exp ?? 0) * 1000 > Date.now()
  } catch {
    return false
  }
}
