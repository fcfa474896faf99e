import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { DEFINITION_FAULTS, type DefinitionFault } from './definition-fault-catalogue.ts'
import type { FeatureDefinition } from './feature-definition.ts'
import { type DefinitionText, readDefinition } from './read-definition.ts'

/** All features, in the order of their fields; or every fault of every file. */
export type ReadDefinitions =
  | { readonly definitions: readonly FeatureDefinition[]; readonly faults: readonly [] }
  | { readonly definitions: null; readonly faults: readonly DefinitionFault[] }

export function readDefinitions(texts: readonly DefinitionText[], vocabulary: Vocabulary): ReadDefinitions {
  const faults: DefinitionFault[] = []
  const definitions: FeatureDefinition[] = []
  const takenBy = new Map<string, string>()
  for (const { file, text } of texts) {
    const read = readDefinition({ file, text }, vocabulary)
    faults.push(...read.faults)
    if (read.definition === null) continue
    definitions.push(read.definition)
    for (const place of ['name', 'field'] as const) {
      const key = `${place} ${read.definition[place]}`
      const other = takenBy.get(key)
      takenBy.set(key, other ?? file)
      if (other !== undefined) faults.push(taken({ file, other, place }))
    }
  }
  if (faults.length > 0) return { definitions: null, faults }
  const inOrder = definitions.toSorted((a, b) => (a.field < b.field ? -1 : 1))
  return { definitions: Object.freeze(inOrder), faults: [] }
}

const taken = ({ file, other, place }: Record<'file' | 'other' | 'place', string>): DefinitionFault => ({
  code: 'FEATURE_NAME_TAKEN',
  file,
  line: 1,
  place,
  message: DEFINITION_FAULTS.FEATURE_NAME_TAKEN.sentence,
  remedy: `Choose another; ${other} has it.`,
})
