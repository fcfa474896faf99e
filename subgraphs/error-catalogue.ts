/** What the asking side, or who starts a subgraph, can act on. */
interface CatalogueEntry {
  /** What happened, without any value of the request or of a person. */
  readonly sentence: string
  /** What the reader can do about it. */
  readonly remedy: string
}

/** Closed: a code that is not in the catalogue does not compile. */
export type SubgraphErrorCode = keyof typeof SUBGRAPH_ERRORS

const entry = (sentence: string, remedy: string): CatalogueEntry => ({ sentence, remedy })

/** The catalogue: code → sentence, remedy. A code that the gateway has, too, says the same sentence there. */
export const SUBGRAPH_ERRORS = {
  GRANT_MISSING: entry(
    'Something protected was asked for without a grant that covers it.',
    'Ask through the gateway; a subgraph answers unprotected fields only.',
  ),
  BAD_REQUEST: entry(
    'The request cannot be read as a GraphQL request.',
    'Send `POST` with `content-type: application/json`, UTF-8, and a body `{ "query": … }`.',
  ),
  GRAPHQL_VALIDATION_FAILED: entry(
    'The document does not fit the schema.',
    'Correct the document at the named location.',
  ),
  BAD_USER_INPUT: entry(
    'A variable or argument does not fit, or is missing.',
    'Correct the named argument; values are not repeated here.',
  ),
  NOT_THEIR_CONSENT: entry(
    'Consent is a person’s own act, and this request is not the person’s.',
    'Ask with a token of the person, or declare the purpose `customer_service`.',
  ),
  PURPOSE_NOT_ALLOWED: entry(
    'The declared purpose does not allow to ask for this.',
    'Declare the purpose the field is there for: `customer_service` for `Query.resolveIdentity`.',
  ),
  INVALID_SUBJECT: entry(
    'The subject is not the id of a person.',
    'Send a pid as `Customer.pid` answers it; the reserved `anonymous` is nobody.',
  ),
  TOO_MANY_SUBJECTS: entry('More subjects are asked about at once than are answered.', 'Ask in parts.'),
  NO_SCOPE: entry('No scope is named.', 'Name at least one scope of docs/vocabulary.md.'),
  UNKNOWN_SCOPE: entry('A scope is not in the vocabulary.', 'Use the scopes listed in docs/vocabulary.md.'),
  INVALID_CONTEXT: entry(
    'A source, channel or region is not a plain word.',
    'Send 1 to 64 letters, digits and `_ . : / -`.',
  ),
  INVALID_EXPIRY: entry(
    'The end of a consent is not an instant in the future.',
    'Send ISO 8601 with a zone, for example `2030-01-01T00:00:00Z`, or leave it out.',
  ),
  INVALID_REVISION: entry(
    'A revision is not one that was handed out.',
    'Send a revision as it was answered, or none to start at the beginning.',
  ),
  SUBJECT_BLOCKED: entry(
    'Nothing about this person may be used, so no consent is taken.',
    'Lift the suppression first; an erasure is final.',
  ),
  CONSENT_CHANGED_MEANWHILE: entry('The consent has changed since it was read.', 'Read it and try again.'),
  CRM_FILE_UNREADABLE: entry(
    'The CRM file cannot be read, and nothing was imported.',
    'Correct the named place; the first line names the columns.',
  ),
  SCHEMA_OF_ANOTHER_VERSION: entry(
    'The tables were made by another version.',
    'Start with an empty data directory, or with the version that made them.',
  ),
  DATA_DIRECTORY_LOCKED: entry(
    'Another process uses the data directory.',
    'Stop it, or give this one a directory of its own; if it is surely gone, delete the file `lock` there.',
  ),
  SUBGRAPHS_NOT_STARTED: entry(
    'The subgraphs could not be started.',
    'The message behind it says why; nothing is served.',
  ),
  INTERNAL: entry(
    'Something unexpected went wrong.',
    'See the log of the subgraph: it has the place and the kind of error, never its values.',
  ),
} as const satisfies Record<string, CatalogueEntry>

/** The sentence of a code with the place it is about: an argument, a field, a file; never a value. */
export function sentenceOf(code: SubgraphErrorCode, place?: string): string {
  const { sentence } = SUBGRAPH_ERRORS[code]
  return place === undefined ? sentence : `${sentence.slice(0, -1)} (${place}).`
}
