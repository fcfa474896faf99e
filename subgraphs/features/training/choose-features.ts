import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { codedError } from '../../coded-error.ts'
import type { FeatureDefinition } from '../definitions/feature-definition.ts'
import { type EventDefinition, isEventDefinition } from '../materialise/feature-state.ts'
import type { TrainingSpec } from './training-spec.ts'

/**
 * The features that are asked for, if they may be used for this and have a past. "Collected for specified purposes and not
 * further processed in a manner that is incompatible with those" (GDPR Art. 5(1)(b)).
 */
export function chooseFeatures(
  { features, purpose }: Pick<TrainingSpec, 'features' | 'purpose'>,
  definitions: readonly FeatureDefinition[],
  vocabulary: Vocabulary,
): readonly EventDefinition[] {
  const terms = vocabulary.purposes.get(purpose)
  if (terms === undefined) throw codedError('TRAINING_SPEC_INVALID', 'purpose')
  return features.map(({ name, version }) => {
    const definition = definitions.find((one) => one.name === name)
    if (definition === undefined) throw codedError('TRAINING_FEATURE_UNKNOWN', name)
    if (version !== null && version !== definition.digest) throw codedError('TRAINING_FEATURE_CHANGED', name)
    if (!definition.purpose.includes(purpose) || !terms.scopes.has(definition.scope))
      throw codedError('TRAINING_PURPOSE_NOT_ALLOWED', name)
    if (!isEventDefinition(definition)) throw codedError('TRAINING_FEATURE_WITHOUT_PAST', name)
    return definition
  })
}
