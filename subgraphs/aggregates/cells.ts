import type { Metric, ValueTerms } from './metric.ts'
import { refused } from './refusal.ts'

/** Which cell an event is in, and what each cell is called. They are declared, so nobody's data make one appear. */
export interface Cells {
  readonly names: readonly CellName[]
  /** Null: in none of them. */
  cellOf(steps: number, data: Readonly<Record<string, unknown>>): number | null
}

export interface CellName {
  /** The value of the dimension. */
  readonly value: string | null
  /** Of cells over the value, where they begin (included) and end. */
  readonly from: number | null
  readonly to: number | null
}

/** Null: the events are counted and are in no cell. */
export const cellsBy = ({ dimensions, value }: Metric, by: string | null): Cells => {
  const dimension = by === null ? undefined : dimensions.get(by)
  if (dimension !== undefined) {
    const places = new Map(dimension.values.map((name, place) => [name, place]))
    return {
      names: dimension.values.map((name) => ({ value: name, from: null, to: null })),
      cellOf: (_, data) => {
        const found = data[dimension.field]
        return typeof found === 'string' ? (places.get(found) ?? null) : null
      },
    }
  }
  if (by !== null) throw refused('DIMENSION_UNKNOWN', 'by')
  if (value === null || value.edges.length === 0) throw refused('STATISTIC_UNKNOWN', 'cohortHistogram')
  return betweenEdges(value)
}

/** The last cell has its end, too: a value at the bound is in it. */
const betweenEdges = ({ edges, grid }: ValueTerms): Cells => ({
  names: edges.slice(1).map((to, index) => ({
    value: null,
    from: (edges[index] ?? 0) * grid,
    to: to * grid,
  })),
  cellOf: (steps) => {
    const last = edges.length - 2
    const above = edges.findIndex((edge) => steps < edge)
    if (above > 0) return above - 1
    return above < 0 && steps === edges[last + 1] ? last : null
  },
})

/** Cells of equal width over the whole range of the value, for quantiles. */
export const cellsOfWidth = ({ lower, upper }: ValueTerms, count: number): Pick<Cells, 'cellOf'> => ({
  cellOf: (steps) => Math.min(count - 1, Math.floor(((steps - lower) * count) / (upper - lower))),
})

export const NO_CELLS: Pick<Cells, 'cellOf'> = { cellOf: () => null }
