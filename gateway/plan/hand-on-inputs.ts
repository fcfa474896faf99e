import { type FieldNode, Kind, type SelectionSetNode, type VariableDefinitionNode } from 'graphql'
import type { Computed } from './computed-fields.ts'
import { inputKey } from './input-key.ts'
import { joinLookup } from './join-lookups.ts'
import { asInput, type Continued } from './join-parts.ts'
import { type EntityFetchNode, type Requirement, selectionSet, TYPENAME } from './query-plan.ts'
import type { Part } from './take-out.ts'
import type { World } from './world.ts'

/** A part that is one lookup: of a computed field, by a key and all inputs. */
export type ComputedPart = Part & { readonly goesOn: Computed }

export interface HandingOn {
  readonly variables: readonly VariableDefinitionNode[]
  readonly world: World
}

/** The lookups of computed fields, one request a subgraph, and what is to be known before them. */
export const handOnInputs = (parts: readonly ComputedPart[], { variables, world }: HandingOn): Continued => {
  const steps = new Map<string, EntityFetchNode>()
  for (const part of parts) {
    const { subgraph } = part.goesOn
    const lookup = lookupOf(part)
    const into = steps.get(subgraph) ?? { kind: 'EntityFetch', subgraph, variables: [], lookups: [] }
    steps.set(subgraph, joinLookup(into, { node: { ...into, variables }, lookup, path: part.path }))
  }
  const keysOf = ({ key, inputs }: Computed) =>
    [TYPENAME, ...key.selections, ...inputs.selections].map((one) => asInput(one, world))
  return {
    steps: [...steps.values()],
    keys: new Map(parts.map(({ alias, goesOn }) => [alias, keysOf(goesOn)])),
  }
}

const lookupOf = ({
  path,
  selection,
  goesOn: { type, as, key, inputs },
}: ComputedPart): EntityFetchNode['lookups'][0] => ({
  paths: [path],
  requires: [
    {
      kind: 'type',
      type: as,
      children: requiredIn(selectionSet([TYPENAME, ...key.selections, ...inputs.selections])),
    },
  ],
  selection: selectionSet([
    {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: as } },
      selectionSet: selection,
    },
  ]),
  inputRewrites:
    as === type ? [] : [{ kind: 'set', path: [{ types: [as] }, { key: '__typename' }], value: as }],
  outputRewrites: [],
  proofs: new Map(),
  guards: new Map(),
})

/** What key and inputs both have is sent once. */
const requiredIn = (set: SelectionSetNode): Requirement[] => {
  const fields = new Map<string, FieldNode[]>()
  for (const one of set.selections)
    if (one.kind === Kind.FIELD) fields.set(one.name.value, [...(fields.get(one.name.value) ?? []), one])
  return [...fields].map(([name, all]): Requirement => {
    const below = all.flatMap(({ selectionSet: inner }) => inner?.selections ?? [])
    const [first] = all
    return {
      kind: 'field',
      name,
      source: first === undefined ? name : inputKey(first),
      children: below.length === 0 ? null : requiredIn(selectionSet(below)),
    }
  })
}
