const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

/** What whoever builds a training set hears: part of the catalogue beside this file. */
export const TRAINING_ERRORS = {
  TRAINING_SPEC_INVALID: entry(
    'The description of a training set cannot be read, and nothing was built.',
    'See docs/training-sets.md for what the named place takes.',
  ),
  TRAINING_ENTITIES_INVALID: entry(
    'The list of people and times cannot be read, and nothing was built.',
    'Write `pid,at` or `pid,at,label` and one row a line, times as ISO 8601 with a zone; the place says which line.',
  ),
  TRAINING_FEATURE_UNKNOWN: entry(
    'There is no feature of this name.',
    'Name features that `assent features list` shows.',
  ),
  TRAINING_FEATURE_CHANGED: entry(
    'A feature is defined otherwise than in the version that is asked for.',
    'Check out the definitions of that version, or ask for the one there is.',
  ),
  TRAINING_FEATURE_WITHOUT_PAST: entry(
    'Of this feature only the present value is known, so that training would learn from the future.',
    'Take it out, or compute it from events.',
  ),
  TRAINING_FEATURE_WITHOUT_ITEMS: entry(
    'This feature does not say what people took, so that no model of items can be learned of it.',
    'Name one that takes `distinct` or `last` of the field with the item.',
  ),
  TRAINING_PURPOSE_NOT_ALLOWED: entry(
    'A feature may not be used for this purpose.',
    'Take it out, or name a purpose that its definition and the vocabulary allow.',
  ),
  TRAINING_LABEL_FROM_THE_FUTURE: entry(
    'A label stands at a time that is later than the set is built.',
    'Take it out: what will be known then is not known yet.',
  ),
  TRAINING_SET_UNREADABLE: entry(
    'A training set cannot be read.',
    'Name the directory that `assent features training-set build` wrote.',
  ),
} as const
