interface Part {
  readonly data?: unknown
  readonly errors?: readonly { readonly path?: unknown }[]
  readonly incremental?: readonly (Part & { readonly path: readonly (string | number)[] })[]
}

/** Every answer of a body of server-sent events. */
export const eventsIn = (text: string): Part[] =>
  text
    .split(/\n\n/)
    .filter((event) => event.includes('event: next'))
    .map((event) => JSON.parse(event.replace(/^[^]*?data: ?/, '')) as Part)

/** The whole answer of a body in deferred parts; null for any other body. */
export const assembled = (text: string): Part | null => {
  const [, boundary] = /^\s*--([^\r\n]+)\r?\n/.exec(text) ?? []
  if (boundary === undefined) return null
  const parts = text
    .split(`--${boundary}`)
    .map((part) => part.slice(part.search(/\r?\n\r?\n/)).trim())
    .filter((json) => json.startsWith('{'))
    .map((json) => JSON.parse(json) as Part)
  const whole = { data: parts[0]?.data, errors: [...(parts[0]?.errors ?? [])] }
  for (const { path, data, errors = [] } of parts.flatMap(({ incremental = [] }) => incremental)) {
    const place = path.reduce<unknown>(
      (value, key) => (value as Record<string | number, unknown> | null)?.[key],
      whole.data,
    )
    merge(place, data)
    whole.errors.push(...errors)
  }
  return whole
}

const merge = (target: unknown, source: unknown): void => {
  if (typeof target !== 'object' || target === null || typeof source !== 'object' || source === null) return
  for (const [key, value] of Object.entries(source)) {
    const known = (target as Record<string, unknown>)[key]
    if (typeof known === 'object' && known !== null) merge(known, value)
    else (target as Record<string, unknown>)[key] = value
  }
}
