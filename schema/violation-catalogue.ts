interface CatalogueEntry {
  /** An error keeps a graph from being served; a warning tells a consequence. */
  readonly severity: 'error' | 'warning'
  /** What is the case, whatever the place. */
  readonly sentence: string
}

/** Closed: a code that is not in the catalogue does not compile. */
export type ViolationCode = keyof typeof VIOLATIONS

const error = (sentence: string): CatalogueEntry => ({ severity: 'error', sentence })

const warning = (sentence: string): CatalogueEntry => ({ severity: 'warning', sentence })

/**
 * The catalogue: code → severity, sentence. The remedy depends on the place, so each violation brings its own.
 * What the composition library finds keeps the library's code and is not listed here.
 */
export const VIOLATIONS = {
  SUBGRAPH_UNREADABLE: error('The schema text of a subgraph is not GraphQL.'),
  SUBGRAPH_NAME_TAKEN: error('Two subgraphs have the same name.'),
  REQUIRES_CIRCLE: error('A field requires itself, by way of the fields it requires.'),
  CONSENT_VERSION_UNKNOWN: error('A version of the consent specification is linked that is not known here.'),
  CONSENT_LINKED_TWICE: error('The consent specification is linked twice in one document.'),
  CONSENT_IMPORT_UNKNOWN: error('Something is imported that the consent specification does not have.'),
  CONSENT_NAME_TAKEN: error('One name would stand for two different directives.'),
  CONSENT_NOT_LINKED: error(
    'A directive looks like one of consent but is not linked, so it would protect nothing.',
  ),
  SCOPE_UNKNOWN: error('A scope is not in the vocabulary.'),
  SCOPE_LIST_EMPTY: error('A requirement names no scope.'),
  SCOPE_LIST_TOO_LONG: error('A requirement has more alternatives than are allowed.'),
  ACCESS_LIST_EMPTY: error('A requirement on callers names no scope or policy.'),
  ACCESS_LIST_TOO_LONG: error('A requirement on callers has more alternatives than are allowed.'),
  PROTECTED_WITHOUT_SUBJECT: error('A protected field can be reached without saying whose it is.'),
  PROTECTED_ROOT_INPUT: error('A root field takes a protected value, so its answer would tell it.'),
  PROTECTED_KEY: error('A protected field is part of a key, and keys travel before anybody is asked.'),
  SUBJECT_NOT_DECLARED: error(
    'A subgraph protects a field of a person without saying whose the type is, so it cannot check grants.',
  ),
  SUBJECT_KEY_INVALID: error('A subject key does not lead to one ID or String.'),
  SUBJECT_KEY_DIFFERS: error('A type has two subject keys: two answers to whose it is.'),
  SUBJECT_KEY_NOT_RESOLVABLE: error('A person with protected fields cannot be asked for by key.'),
  SUBJECT_KEY_NOT_SELECTABLE: error('A subject key cannot be selected where the person is answered.'),
  ANONYMOUS_KEY_UNUSABLE: error(
    'A field has a default for nobody, but nobody cannot be asked for with the reserved key alone.',
  ),
  INPUT_SCOPES_MISSING: error('A field is computed from protected fields whose scopes it does not ask for.'),
  INPUT_OF_ANOTHER_PERSON: error('A field is computed from protected data of another person.'),
  CONTEXT_UNSUPPORTED: error('A field takes a value from an outer object in a graph with personal data.'),
  INTERFACE_SAYS_LESS: error('An interface field asks for less than the same field of a person behind it.'),
  INTERFACE_IMPLEMENTER_OPEN: warning(
    'A type that is nobody’s data answers an interface field without asking.',
  ),
  WITHHELD_NON_NULL: warning(
    'A protected field cannot be null, so withholding it takes the nearest nullable parent with it.',
  ),
  PROTECTION_NOT_SAID_HERE: warning(
    'A subgraph resolves a protected field without saying so itself, and checks grants by its own schema only.',
  ),
  DATA_CONTRACT_DIFFERS: warning('Two subgraphs give one coordinate different data contracts.'),
  COMPOSITION_LOST_PROTECTION: error('A protection that went into composition did not come out.'),
  COMPOSITION_FAILED: error('The subgraphs do not compose.'),
  RULE_FAILED: error('A rule could not be decided, so it is taken as broken.'),
} as const satisfies Record<string, CatalogueEntry>

/** A code with its severity, which is written down nowhere else. */
export const graded = (
  code: ViolationCode,
): { readonly code: ViolationCode; readonly severity: CatalogueEntry['severity'] } => ({
  code,
  severity: VIOLATIONS[code].severity,
})
