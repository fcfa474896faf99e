export interface UseReportsOptions {
  /** `…/tags/TAG/uses` of a registry. */
  readonly url: string
  readonly header: { readonly name: string; readonly value: string } | null
  readonly everyMs: number
  /** Told once for each run of failures. */
  readonly onTrouble: () => void
}

export interface UseReports {
  count(client: string, coordinates: readonly string[]): void
  /** Sends what is left. */
  close(): Promise<void>
}

/** Clients and deprecated fields are few; what goes beyond is not counted. */
const MOST = 10_000
const TIMEOUT_MS = 5_000

/** Counts which client asks which deprecated field, and tells a registry now and then. What it does not take is told again. */
export const createUseReports = ({ url, header, everyMs, onTrouble }: UseReportsOptions): UseReports => {
  const counts = new Map<string, { readonly client: string; readonly coordinate: string; count: number }>()
  let isTroubled = false
  const send = async (): Promise<void> => {
    const uses = [...counts.values()]
    if (uses.length === 0) return
    counts.clear()
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(header !== null && { [header.name]: header.value }),
        },
        body: JSON.stringify({ uses }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await answer.body?.cancel()
      if (!answer.ok) throw new Error(`status ${answer.status}`)
      isTroubled = false
    } catch {
      for (const { client, coordinate, count } of uses) add(client, coordinate, count)
      if (!isTroubled) onTrouble()
      isTroubled = true
    }
  }
  const add = (client: string, coordinate: string, by: number): void => {
    const key = `${coordinate} ${client}`
    const known = counts.get(key)
    if (known !== undefined) known.count += by
    else if (counts.size < MOST) counts.set(key, { client, coordinate, count: by })
  }
  const timer = setInterval(() => void send(), everyMs).unref()
  return {
    count(client, coordinates) {
      for (const coordinate of coordinates) add(client, coordinate, 1)
    },
    async close() {
      clearInterval(timer)
      await send()
    },
  }
}
