import { AGGREGATES_ERRORS } from './aggregates-error-catalogue.ts'
import { EVENT_ERRORS } from './event-error-catalogue.ts'
import { IDENTITY_ERRORS } from './identity-error-catalogue.ts'
import { MODEL_ERRORS } from './model-error-catalogue.ts'
import { OWNERSHIP_ERRORS } from './ownership-error-catalogue.ts'
import { TRAINING_ERRORS } from './training-error-catalogue.ts'
import { VECTOR_ERRORS } from './vector-error-catalogue.ts'

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
  OPERATION_TOO_LARGE: entry(
    'The operation is larger than the limits of this gateway.',
    'Ask for less at once, or through the gateway.',
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
    'Declare the purpose the field is there for: `customer_service` for `Query.resolveIdentity`, that of its `@dataContract` elsewhere.',
  ),
  INVALID_SUBJECT: entry(
    'The subject is not the id of a person.',
    'Send a pid as `Customer.pid` answers it; the reserved `anonymous` is nobody.',
  ),
  TOO_MANY_SUBJECTS: entry('More subjects are asked about at once than are answered.', 'Ask in parts.'),
  NO_SCOPE: entry('No scope is named.', 'Name at least one scope of docs/vocabulary.md.'),
  UNKNOWN_SCOPE: entry('A scope is not in the vocabulary.', 'Use the scopes listed in docs/vocabulary.md.'),
  INVALID_CONTEXT: entry(
    'A source, channel, region, brand or surface is not a plain word.',
    'Send 1 to 64 letters, digits and `_ . : / -`.',
  ),
  UNKNOWN_REGION: entry(
    'A region is not one that the policy bundle knows.',
    'Send an ISO 3166 code (`DE`, `US-CA`) or a group of the bundle; `assent policy show` lists them.',
  ),
  UNKNOWN_BRAND: entry(
    'A brand is not one that the policy bundle knows.',
    'Send a brand listed in the bundle; `assent policy show` lists them.',
  ),
  TC_STRING_INVALID: entry(
    'A TCF string cannot be read completely and without doubt, so nothing of it counts.',
    'Send the string of a consent platform as it is, of TCF 2.3.',
  ),
  TC_STRING_TOO_LONG: entry('A TCF string is longer than is read.', 'Send at most 8,192 characters.'),
  TC_STRING_WITHOUT_DISCLOSED_VENDORS: entry(
    'A TCF string does not say which vendors were shown, which TCF 2.3 requires.',
    'Ask the person again with a consent platform that writes the disclosed vendors segment.',
  ),
  GPP_STRING_INVALID: entry(
    'A GPP string cannot be read completely and without doubt, so nothing of it counts.',
    'Send the string of a consent platform as it is.',
  ),
  GPP_STRING_TOO_LONG: entry('A GPP string is longer than is read.', 'Send at most 16,384 characters.'),
  GPP_SECTION_UNSUPPORTED: entry(
    'A GPP string has a section that is not read here, so what it refuses could be missed.',
    'Send sections `tcfeuv2`, `uspv1`, `usnat` and those of US states.',
  ),
  CONSENT_MODE_INVALID: entry(
    'A consent mode is not one of Google’s, version 2.',
    'Send `ad_storage`, `analytics_storage`, `ad_user_data` and `ad_personalization`, each `granted` or `denied`.',
  ),
  INVALID_CIRCUMSTANCE: entry(
    'Something about how a consent was given cannot be recorded.',
    'Send the notice as a version and a BCP 47 language, a statement id of 8 to 128 letters, digits and `_ . : -`, and the rest as lines of at most 256 characters.',
  ),
  RECEIPT_FROM_THE_FUTURE: entry(
    'A consent is said to have been given later than now.',
    'Send ISO 8601 with a zone, of a clock that is right, or leave it out.',
  ),
  STATUS_CANNOT_FOLLOW: entry(
    'What is said now cannot follow what was said last.',
    'Read the consent first; docs/receipts.md has the table of what may follow what.',
  ),
  CONSENT_RECORD_INVALID: entry(
    'A consent record lacks a member, or one cannot be read.',
    'Send ISO/IEC TS 27560 records in the words of DPV, as `assent consent export` writes them.',
  ),
  RECEIPT_UNREADABLE: entry(
    'A receipt, or the key of a person, cannot be opened.',
    'Run `assent consent verify`, and give the service every master key it ever had.',
  ),
  INVALID_EXPIRY: entry(
    'The end of a consent is not an instant in the future.',
    'Send ISO 8601 with a zone, for example `2030-01-01T00:00:00Z`, or leave it out.',
  ),
  INVALID_REVISION: entry(
    'A revision is not one that was handed out.',
    'Send a revision as it was answered, or none to start at the beginning.',
  ),
  TOKEN_REFUSED: entry(
    'The token is missing, or not the right one.',
    'Send `authorization: Bearer` with the token of this consumer, or of the operator.',
  ),
  UNKNOWN_CHANGE: entry(
    'There is no such change, or it was about somebody who was erased.',
    'Name a revision, or the id of a receipt.',
  ),
  UNKNOWN_CONSUMER: entry('No consumer has this name.', 'Add it to `consent.consumers`.'),
  STANDING_AHEAD_OF_CONSENT: entry(
    'The consent service knows less than was heard from it: it was set back, or it is another one.',
    'Restore the receipts to where they were; nothing that rests on consent is read, taken or purged until then. docs/withdrawal.md says what else can be done.',
  ),
  NEVER_HANDED_OUT: entry(
    'A position lies beyond what this consumer was handed, and nothing was moved.',
    'Go on from the position of the last page; leave `after` out to start behind what was acknowledged.',
  ),
  SUBJECT_BLOCKED: entry(
    'Nothing about this person may be used, so no consent is taken.',
    'Lift the suppression first; an erasure is final.',
  ),
  CONSENT_CHANGED_MEANWHILE: entry('The consent has changed since it was read.', 'Read it and try again.'),
  REQUEST_INVALID: entry(
    'The request is not one that is answered here.',
    'Check address, method and `content-type: application/json`; a body has at most 32 KiB.',
  ),
  ORIGIN_NOT_ALLOWED: entry(
    'Pages of this origin may not speak for a person here.',
    'Add the origin to `persons.origins`.',
  ),
  TOKEN_MISSING: entry(
    'Nothing says which person asks.',
    'Send the token of the person as `authorization: Bearer …`.',
  ),
  TOKEN_EXPIRED: entry(
    'The token has run out.',
    'Ask the issuer for a new token and send the request again.',
  ),
  TOKEN_INVALID: entry(
    'The token does not prove who asks.',
    'Check issuer, audience, lifetime and signing key of the token against the `persons` settings.',
  ),
  TOKEN_NOT_BOUND: entry(
    'The token names no key, so whoever has it could sign in the name of the person.',
    'Issue it with `cnf: { jkt }`, the thumbprint of the key that the SDK tells (docs/consent-door.md).',
  ),
  NOT_ON_TRIAL: entry(
    'Links for trying things out are made here in the development profile only, while no issuer is set.',
    'Send people to the issuer of their tokens (`persons.loginUrl`).',
  ),
  TOKEN_KEYS_UNAVAILABLE: entry(
    'The keys that prove tokens cannot be read.',
    'Check that `persons.jwksUrl` answers; try again.',
  ),
  PROOF_MISSING: entry(
    'The submission is not signed.',
    'Send the header `consent-proof`, made as in docs/consent-door.md, or use the SDK.',
  ),
  PROOF_INVALID: entry(
    'The signature is not one of this submission.',
    'Sign method, address, origin, token and body as they are sent; the place says what differs.',
  ),
  PROOF_STALE: entry(
    'The submission was signed too long ago, or in the future.',
    'Sign it again; the header `date` of this answer tells the time here.',
  ),
  PROOF_REPLAYED: entry(
    'The same signature was sent before.',
    'Sign each attempt anew, under the same statement id.',
  ),
  PROOF_OF_ANOTHER_KEY: entry(
    'The submission is signed by another key than the one its token belongs to.',
    'Sign with the key the token was issued for, or first used with; else ask for a new token.',
  ),
  STATEMENT_INVALID: entry(
    'The statement cannot be read.',
    'Send `id`, `action` (give, refuse, withdraw) and `scopes`; the place says what does not fit.',
  ),
  STATEMENT_ID_REUSED: entry(
    'Another statement was made under this id.',
    'Make a new id for each statement; an id is repeated only to send the same statement again.',
  ),
  NOTICE_STALE: entry(
    'The words this person said yes to are not the ones in force.',
    'Show the current notice and ask again; a refusal or withdrawal is taken under any notice.',
  ),
  RECEIPT_UNKNOWN: entry('This person has no such receipt.', 'Take the id from the history of the person.'),
  TOO_MANY_REQUESTS: entry(
    'This person asks more often than is answered.',
    'Wait the seconds in `retry-after`; nothing was changed.',
  ),
  STORE_UNAVAILABLE: entry(
    'The store of the consents does not answer.',
    'Send it again under the same statement id after the seconds in `retry-after`: it will be written once.',
  ),
  UNKNOWN_CLIENT: entry(
    'Who is said to have recorded a consent is neither the person nor a client of the gateway.',
    'Send the name of a client that has a contract, the pid of the person, or leave it out.',
  ),
  RECEIPT_OUT_OF_ORDER: entry(
    'Something was said before what is known to have been said last.',
    'Sort the file by `at`; what the person said later stays in force.',
  ),
  IMPORT_ROW_UNREADABLE: entry(
    'A row cannot be read.',
    'Write UTF-8, one JSON object a line, or CSV as RFC 4180 has it; the place says what does not fit.',
  ),
  IMPORT_ROW_TOO_LONG: entry('A row is longer than is read.', 'Send at most 65,536 bytes a row.'),
  IMPORT_VALUE_INVALID: entry(
    'A value of a row is missing or cannot be meant.',
    'See docs/import.md for what the named field takes, and the mapping for what your words stand for.',
  ),
  IMPORT_MAPPING_INVALID: entry(
    'The mapping cannot be read, and nothing was imported.',
    'Write `field: column`, `field: { column, values }` or `field: { constant }`; docs/import.md lists the fields.',
  ),
  IMPORT_FILE_UNREADABLE: entry(
    'The file cannot be read from the named place on.',
    'Correct it and run the import again; what was written before stays and is not written twice.',
  ),
  IMPORT_FILE_CHANGED: entry(
    'An import was broken off, and its file or mapping is not as it was.',
    'Run it with `--anew`: what is in the store already is not written twice.',
  ),
  ...IDENTITY_ERRORS,
  EVENT_CONTRACTS_INVALID: entry(
    'The event contracts cannot be relied upon, and nothing is taken in by them.',
    'Correct what `assent events check` tells of them.',
  ),
  ACTIONS_INVALID: entry(
    'What may be offered to people is not described as it must be, so nothing is offered.',
    'Correct the files at the named lines; docs/operations.md says what may stand there.',
  ),
  FEATURES_INVALID: entry(
    'The definitions of the features cannot be used, and nothing is served.',
    '`assent features check` tells every fault, with its line and what to write instead.',
  ),
  FEATURES_OVERTAKEN: entry(
    'Features were computed, and another process was quicker each time.',
    'Nothing is lost, it is tried again. Where it stays so, have fewer processes compute features in one database.',
  ),
  ...OWNERSHIP_ERRORS,
  ...VECTOR_ERRORS,
  ...TRAINING_ERRORS,
  ...MODEL_ERRORS,
  ...EVENT_ERRORS,
  SCHEMA_OF_ANOTHER_VERSION: entry(
    'The tables were made by another version.',
    'Start with an empty data directory, or with the version that made them.',
  ),
  DATA_DIRECTORY_LOCKED: entry(
    'Another process uses the data directory.',
    'Stop it, or give this one a directory of its own; if it is surely gone, delete the file `lock` there.',
  ),
  ...AGGREGATES_ERRORS,
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
