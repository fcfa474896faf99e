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

/** One value that is not there. */
export interface WithheldValue {
  readonly coordinate: string
  readonly path: ResponsePath
  readonly denial: Denial
  /** Whether the default for nobody in particular is shown in its place. */
  readonly instead: boolean
}

export interface WithheldReport {
  /** `place` is the same object for values that are at one path but for positions in lists. */
  add(place: object, value: WithheldValue): void
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
  // People about whom was decided the same share one denial: which line it goes to is known by the place and the denial.
  const places = {
    plain: new Map<object, Map<Denial, Line>>(),
    instead: new Map<object, Map<Denial, Line>>(),
  }
  const lineFor = ({ coordinate, path, denial: { scopes, reason }, instead }: WithheldValue): Line => {
    const shown = instead ? { instead: 'ANONYMOUS' as const } : {}
    const entry = { coordinate, path: patternOf(path), scopes, reason, ...shown }
    const key = JSON.stringify([coordinate, entry.path, reason, scopes, instead])
    const line = lines.get(key) ?? { entry, count: 0, at: [] }
    lines.set(key, line)
    return line
  }
  return {
    add: (place, value) => {
      const known = value.instead ? places.instead : places.plain
      const byDenial = known.get(place) ?? new Map<Denial, Line>()
      if (byDenial.size === 0) known.set(place, byDenial)
      const line = byDenial.get(value.denial) ?? lineFor(value)
      byDenial.set(value.denial, line)
      line.count += 1
      if (line.at.length <= FEW) line.at.push(value.path.join('.'))
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
