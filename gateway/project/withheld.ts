import type { Denial, DenialReason } from '../fence/denial.ts'
import type { ResponsePath } from '../execute/targets.ts'

/** One line of the report: a coordinate at a place of the answer, why it is not there, and how often. */
export interface Withheld {
  readonly coordinate: string
  /** `customers.nodes.@.email`: list positions are `@`. */
  readonly path: string
  readonly scopes: readonly string[]
  readonly reason: DenialReason
  readonly count: number
  /** The real paths, while they are few. */
  readonly at?: readonly string[]
  /** Set when the value shown is the default for nobody in particular. */
  readonly instead?: 'ANONYMOUS'
}

export interface WithheldReport {
  add(coordinate: string, path: ResponsePath, denial: Denial, instead: boolean): void
  entries(): Withheld[]
}

const FEW = 5

interface Line {
  readonly entry: Omit<Withheld, 'count' | 'at'>
  count: number
  readonly at: string[]
}

export const createWithheldReport = (): WithheldReport => {
  const lines = new Map<string, Line>()
  // People about whom was decided the same share one denial: which line it goes to is looked up by the denial itself.
  const known = new Map<Denial, Map<string, Line>>()
  const lineFor = (entry: Line['entry']): Line => {
    const { coordinate, path, reason, scopes, instead } = entry
    const key = JSON.stringify([coordinate, path, reason, scopes, instead])
    const line = lines.get(key) ?? { entry, count: 0, at: [] }
    lines.set(key, line)
    return line
  }
  return {
    add: (coordinate, path, denial, instead) => {
      const byPlace = known.get(denial) ?? new Map<string, Line>()
      if (byPlace.size === 0) known.set(denial, byPlace)
      const pattern = patternOf(path)
      const place = instead ? `${coordinate} ${pattern} !` : `${coordinate} ${pattern}`
      const { reason, scopes } = denial
      const shown = instead ? { instead: 'ANONYMOUS' as const } : {}
      const line = byPlace.get(place) ?? lineFor({ coordinate, path: pattern, scopes, reason, ...shown })
      byPlace.set(place, line)
      line.count += 1
      if (line.at.length <= FEW) line.at.push(path.join('.'))
    },
    entries: () =>
      lines.size === 0
        ? NOTHING
        : [...lines.values()].map(({ entry, count, at }) => ({
            ...entry,
            count,
            ...(count <= FEW ? { at } : {}),
          })),
  }
}

const NOTHING: Withheld[] = []

const patternOf = (path: ResponsePath): string => {
  let pattern = ''
  for (const segment of path)
    pattern += `${pattern === '' ? '' : '.'}${typeof segment === 'number' ? '@' : segment}`
  return pattern
}
