import { type OwnershipText, readMap, readText, refuseUnknown } from './fault-list.ts'
import type { OwnershipFault } from './ownership-fault-catalogue.ts'
import type { Registry } from './registry.ts'

/**
 * No raw events in the CRM, and no ungoverned attribute in the CDP: whatever is given to a system is an attribute with a
 * contract, and the system is one of those it is for. Answers every fault of a projection: `to:`, and `attributes:`.
 */
export function checkProjection(source: OwnershipText, registry: Registry): readonly OwnershipFault[] {
  const { value, tell, faults } = readText(source)
  if (faults().length > 0) return faults()
  const root = readMap(value, [], tell)
  refuseUnknown(root, ['to', 'attributes'], { path: [], tell })
  const to = root.get('to')
  if (typeof to !== 'string' || !registry.systems.has(to))
    tell('OWNERSHIP_SYSTEM_UNKNOWN', ['to'], `Name one of ${[...registry.systems.keys()].join(', ')}.`)
  const list: unknown = root.get('attributes')
  if (!Array.isArray(list) || list.length === 0)
    tell('OWNERSHIP_VALUE_INVALID', ['attributes'], 'Write a list of attributes.')
  for (const [index, name] of (Array.isArray(list) ? list : []).entries()) {
    const path = ['attributes', String(index)]
    const attribute = registry.attributes.get(String(name))
    if (to === 'crm' && String(name).startsWith('events.'))
      tell('OWNERSHIP_EVENT_IN_CRM', path, 'Take it out: a segment is as much of behaviour as the CRM holds.')
    else if (attribute === undefined)
      tell('OWNERSHIP_WITHOUT_CONTRACT', path, 'Take it out, or write its contract in the registry.')
    else if (!attribute.consumers.includes(String(to)))
      tell('OWNERSHIP_NOT_A_CONSUMER', path, `Take it out; it is for ${attribute.consumers.join(', ')}.`)
  }
  return faults()
}
