import type { Standing } from './policy/apply-policy.ts'

/** What a scope comes to, as GraphQL tells it. */
export function shownScope(scope: string, { status, receipt, expiresAt }: Standing): object {
  return { scope, status: status.toUpperCase(), receipt, expiresAt: instant(expiresAt) }
}

/** ISO 8601. */
export function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
