import type { YamlFault } from '../../yaml-faults.ts'

interface CatalogueEntry {
  /** What is the case, whatever the place. */
  readonly sentence: string
}

/** Closed: a code that is not in the catalogue does not compile. */
export type ActionFaultCode = keyof typeof ACTION_FAULTS

const fault = (sentence: string): CatalogueEntry => ({ sentence })

/** The catalogue: code → sentence. The remedy depends on the place, so each fault brings its own. */
export const ACTION_FAULTS = {
  ACTION_UNREADABLE: fault('An action cannot be read as YAML.'),
  ACTION_SETTING_UNKNOWN: fault('Something stands in an action that means nothing there.'),
  ACTION_SETTING_MISSING: fault('Something is missing without which an action is not described.'),
  ACTION_VALUE_INVALID: fault('A value of an action is not of the shape it must have.'),
  ACTION_FEATURE_UNKNOWN: fault('An action looks at something that no basis of decisions has.'),
  ACTION_BASIS_MIXED: fault(
    'An action looks at features of several bases, which are never decided together.',
  ),
  ACTION_SCOPE_MISSING: fault('An action looks at a feature and does not name the scope it rests on.'),
  ACTION_SCOPE_UNKNOWN: fault('A scope of an action is not in the vocabulary.'),
  ACTION_EXPLANATION_INVALID: fault('An explanation has a place for something the action does not look at.'),
  ACTION_NAME_TAKEN: fault('Two actions have the same name.'),
  ACTION_DEFAULT_MISSING: fault(
    'Exactly one action is for nobody in particular, so that there is always an answer.',
  ),
} as const satisfies Record<string, CatalogueEntry>

/** One thing that is wrong with an action, told so that its owner can find and mend it. */
export type ActionFault = YamlFault<ActionFaultCode>
