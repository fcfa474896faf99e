import { GraphQLError } from 'graphql'
import type { Links } from './consent/links/links.ts'
import { LinkRefused, type LinkedConsent, type SaidWhileLinked } from './identity/graph/linked-consent.ts'
import { CallRefused, type SignedCaller } from './signed-caller.ts'

/** How long a link may wait for gateways to have heard of it; whoever waits longer asks again. */
const WAIT_MS = 5_000

/** Consent in the same process. */
export function linkedConsentIn(links: Links): LinkedConsent {
  return {
    link: (asked) => refusals(async () => requireEffective(await links.take(asked, WAIT_MS))),
    unlink: (undone) => refusals(async () => (await links.undo(undone)).said),
    saidWhileLinked: (decisionIds) => links.saidWhileLinked(decisionIds),
  }
}

/** Consent behind a signed call. */
export function linkedConsentOver(call: SignedCaller): LinkedConsent {
  return {
    link: (asked) =>
      refusals(async () =>
        requireEffective(await call('consent/v1/links', { links: asked, waitMs: WAIT_MS }, WAIT_MS)),
      ),
    unlink: (undone) => refusals(async () => saidIn(await call('consent/v1/links/undo', { undone }))),
    saidWhileLinked: async (decisionIds) => saidIn(await call('consent/v1/links/said', { decisionIds })),
  }
}

/** What consent has heard of and some gateway has not may still be used as it was: nothing is merged yet. */
function requireEffective(taken: unknown): void {
  if ((taken as { effective?: unknown } | null)?.effective !== 'EFFECTIVE')
    throw new Error('Consent waits for a gateway.')
}

function saidIn(answer: unknown): readonly SaidWhileLinked[] {
  const { said } = (answer ?? {}) as { said?: unknown }
  if (!Array.isArray(said)) throw new TypeError('What consent answers is not understood.')
  return said as SaidWhileLinked[]
}

async function refusals<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const code = error instanceof CallRefused ? error.code : codeOf(error)
    throw code === null || code === 'STORE_UNAVAILABLE' ? error : new LinkRefused(code)
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof GraphQLError ? String(error.extensions['code']) : null
}
