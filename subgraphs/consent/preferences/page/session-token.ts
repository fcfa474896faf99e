const KEPT = 'assent-person-token'

/**
 * The token the shop sent this person with, behind `#`: it is taken out of the address at once, where it would be seen and
 * kept, and lives as long as this tab.
 */
export function sessionToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given !== null) {
    history.replaceState(null, '', location.pathname + location.search)
    sessionStorage.setItem(KEPT, given)
  }
  return given ?? sessionStorage.getItem(KEPT) ?? ''
}
