import type { Cell } from './cell-fields.ts'
import type { SignalMapping } from './signals/mapping.ts'

/**
 * What holds by default, for each region, brand and scope: data, so that it can be sent to another process and compared.
 * Made by `readBundle` and by nothing else, so whoever has one has a bundle without faults.
 */
export interface PolicyBundle {
  readonly name: string
  /** Semantic version. */
  readonly version: string
  /** SHA-256 (hex) of what the bundle says; comments, order of names and layout change nothing. */
  readonly digest: string
  /** Name, version and digest in one word, for decision records: `retailer@1.2.0+3f9a0c51d2e4`. */
  readonly id: string
  readonly scopes: readonly string[]
  /** Empty when brands are not told apart. */
  readonly brands: readonly string[]
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** Regions that are written down, groups included; every other country is as `ELSEWHERE`. */
  readonly regions: readonly string[]
  /** By `rowKey`, then by scope. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Cell>>
  readonly signals: SignalMapping
}

/** The row of countries that the bundle does not name. */
export const ELSEWHERE = '*'

/** The row of somebody who could be anywhere, or under any brand: the tightest of all. */
export const UNSTATED = ''

export function rowKey(region: string, brand: string): string {
  return `${region}|${brand}`
}
