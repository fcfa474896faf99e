import type { Path } from '../yaml-source.ts'
import type { TellFault } from './fault-list.ts'
import type { Rule } from './registry.ts'

export interface PrecedenceWords {
  readonly systems: ReadonlySet<string>
  /** Whether the attribute has values in an order. */
  readonly isOrdered: boolean
  readonly tell: TellFault
}

/** Rules from the first that tells two words apart. The last one is the order of the systems, so that one always does. */
export function readPrecedence(written: unknown, path: Path, words: PrecedenceWords): readonly Rule[] {
  const { tell } = words
  if (!Array.isArray(written) || written.length === 0) {
    tell('OWNERSHIP_VALUE_INVALID', path, `Write a list of rules: ${RULES}.`)
    return []
  }
  const rules = written.flatMap((rule, index) => readRule(rule, [...path, String(index)], words) ?? [])
  const namesOf = rules.map(({ name }) => name)
  if (new Set(namesOf).size < namesOf.length)
    tell('OWNERSHIP_VALUE_INVALID', path, 'Write each rule once: a second time it tells nothing apart.')
  if (rules.length === written.length && rules.at(-1)?.name !== 'system')
    tell(
      'OWNERSHIP_UNDECIDED',
      path,
      'End with `system: [first, second …]`: the one rule that always tells two systems apart.',
    )
  return rules
}

const RULES = 'present, confirmed, furthest, newest, system: […]'

function readRule(written: unknown, path: Path, { systems, isOrdered, tell }: PrecedenceWords): Rule | null {
  if (written === 'present' || written === 'confirmed' || written === 'newest') return { name: written }
  if (written === 'furthest') {
    if (!isOrdered)
      tell('OWNERSHIP_VALUE_INVALID', path, 'Only an attribute of kind `one of` has an order of its values.')
    return { name: written }
  }
  const order = written instanceof Map && written.size === 1 ? (written.get('system') as unknown) : undefined
  if (!Array.isArray(order) || order.length < 2 || new Set(order).size < order.length) {
    tell('OWNERSHIP_VALUE_INVALID', path, `Write one of ${RULES}, with two systems or more, none twice.`)
    return null
  }
  if (!order.every((system) => systems.has(system as string)))
    tell('OWNERSHIP_SYSTEM_UNKNOWN', path, `Name systems among ${[...systems].join(', ')}.`)
  return { name: 'system', order: order as string[] }
}
