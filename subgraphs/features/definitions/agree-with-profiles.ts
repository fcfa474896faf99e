import { DEFINITION_FAULTS, type DefinitionFault } from './definition-fault-catalogue.ts'
import type { FeatureDefinition } from './feature-definition.ts'

/** What the registry of ownership says of an attribute, as far as features depend on it. */
export interface AttributeTerms {
  /** What people agreed to when it was kept; null where it rests on a contract. */
  readonly scope: string | null
  readonly purpose: readonly string[]
}

/**
 * Whether features use what profiles hold for what it is held for. A value rests on the scope of its feature alone: were that of
 * the attribute another, the value would outlive it. Of an attribute that nobody registered there is no value.
 */
export const agreeWithProfiles = (
  definitions: readonly FeatureDefinition[],
  termsOf: (attribute: string) => AttributeTerms | undefined,
  fileOf: (feature: string) => string,
): readonly DefinitionFault[] =>
  definitions.flatMap(({ name, scope, purpose, source }) => {
    const terms = source.kind === 'profile' ? termsOf(source.attribute) : undefined
    if (terms === undefined) return []
    const said = (place: string, remedy: string): DefinitionFault => ({
      code: 'FEATURE_USE_OF_OTHER_ATTRIBUTE',
      file: fileOf(name),
      line: 1,
      place,
      message: DEFINITION_FAULTS.FEATURE_USE_OF_OTHER_ATTRIBUTE.sentence,
      remedy,
    })
    const other = purpose.filter((one) => !terms.purpose.includes(one))
    return [
      ...(terms.scope === null || terms.scope === scope
        ? []
        : [said('scope', `Write scope: ${terms.scope}, which is what the attribute is kept by.`)]),
      ...(other.length === 0
        ? []
        : [said('purpose', `The registry does not give the attribute for ${other.join(', ')}.`)]),
    ]
  })
