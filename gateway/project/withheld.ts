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

export const createWithheldReport = (): WithheldReport => {
  const lines = new Map<string, { entry: Omit<Withheld, 'count' | 'at'>; count: number; at: string[] }>()
  return {
    add: (coordinate, path, denial, instead) => {
      const pattern = path.map((segment) => (typeof segment === 'number' ? '@' : segment)).join('.')
      const key = JSON.stringify([coordinate, pattern, denial.reason, denial.scopes, instead])
      const line = lines.get(key) ?? {
        entry: {
          coordinate,
          path: pattern,
          scopes: denial.scopes,
          reason: denial.reason,
          ...(instead ? { instead: 'ANONYMOUS' as const } : {}),
        },
        count: 0,
        at: [],
      }
      line.count += 1
      if (line.at.length <= FEW) line.at.push(path.join('.'))
      lines.set(key, line)
    },
    entries: () =>
      [...lines.values()].map(({ entry, count, at }) => ({
        ...entry,
        count,
        ...(count <= FEW ? { at } : {}),
      })),
  }
}
