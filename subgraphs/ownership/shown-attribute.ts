import { type Attribute, type Registry, registryId, writersOf } from './registry.ts'
import type { LostWrite, ProfileWrite, SettledAttribute } from './settle.ts'

/** What support is shown of one attribute of a person: what holds, what lost, by which rule and to what. */
export interface ShownAttribute {
  readonly attribute: string
  readonly meaning: string
  /** Who may write it. */
  readonly writers: readonly string[]
  /** The rules that decide, the first in front; empty where one system alone writes. */
  readonly precedence: readonly string[]
  readonly registry: string
  readonly holds: ShownWrite | null
  readonly lost: readonly (ShownWrite & {
    readonly rule: LostWrite['rule']
    readonly to: Omit<ShownWrite, 'value'>
  })[]
}

interface ShownWrite {
  readonly system: string
  readonly version: number
  /** ISO 8601, by the clock of the system. */
  readonly at: string
  readonly confirmed: boolean
  /** A keyed token where it would name somebody. */
  readonly value: ProfileWrite['value']
}

export function shownAttribute(
  { holds, lost }: SettledAttribute,
  attribute: Attribute,
  registry: Registry,
): ShownAttribute {
  return {
    attribute: attribute.name,
    meaning: attribute.meaning,
    writers: writersOf(attribute),
    precedence: attribute.owner === null ? attribute.precedence.map(({ name }) => name) : [],
    registry: registryId(registry),
    holds: holds === null ? null : shown(holds),
    lost: lost.map(({ write, rule, to }) => {
      const { value: _value, ...winner } = shown(to)
      return { ...shown(write), rule, to: winner }
    }),
  }
}

const shown = ({ system, version, at, confirmed, value }: ProfileWrite): ShownWrite => ({
  system,
  version,
  at: new Date(at).toISOString(),
  confirmed,
  value,
})
