/* eslint-disable max-lines -- a table grows by its rows */
/** What the caller or operator can fix. A withheld value is an answer, not an error; see `docs/denials.md`. */
export interface CatalogueEntry {
  /** HTTP status of an answer that is this error alone. */
  readonly status: number
  /** What happened, without any value of the request or of a person. */
  readonly sentence: string
  /** What the reader can do about it. */
  readonly remedy: string
}

const entry = (status: number, sentence: string, remedy: string): CatalogueEntry => ({
  status,
  sentence,
  remedy,
})

/* eslint-disable max-lines -- one table: a code is looked for in one place */

/** The catalogue: code → status, sentence, remedy. `docs/errors.md` is written from it. */
export const ERRORS = {
  CALLER_UNAUTHENTICATED: entry(
    401,
    'No token proves who asks.',
    'Send `authorization: Bearer <token>` with a token of the configured issuer.',
  ),
  TOKEN_EXPIRED: entry(
    401,
    'The token has run out.',
    'Ask the issuer for a new token and send the request again.',
  ),
  TOKEN_INVALID: entry(
    401,
    'The token does not prove who asks.',
    'Check issuer, audience, algorithm and signing key of the token against the `jwt` settings.',
  ),
  TOKEN_KEYS_UNAVAILABLE: entry(
    503,
    'The keys that prove tokens cannot be read.',
    'Check that `jwt.jwksUrl` answers or `jwt.publicKeyFile` is readable; try again.',
  ),
  CLIENT_UNKNOWN: entry(
    403,
    'No contract is registered for this client.',
    'Add a file for the client to the clients directory, or use a registered client.',
  ),
  PURPOSE_UNDECLARED: entry(
    400,
    'No purpose is declared and the contract names no default.',
    'Send the header `assent-purpose`, use a registered operation, or set `defaultPurpose` in the contract.',
  ),
  PURPOSE_UNKNOWN: entry(
    400,
    'The declared purpose is not in the vocabulary.',
    'Use a purpose listed in docs/vocabulary.md.',
  ),
  PURPOSE_NOT_IN_CONTRACT: entry(
    403,
    'The contract of this client does not allow the declared purpose.',
    'Declare a purpose of the contract, or have the contract changed by the owner of the graph.',
  ),
  DEVELOPMENT_HEADER_REFUSED: entry(
    400,
    'A header that exists for development only was sent to a production gateway.',
    'Remove the header; prove the client with a token and declare the purpose with `assent-purpose`.',
  ),
  HEADER_INVALID: entry(
    400,
    'A request header does not have the form it must have.',
    'Send the header once, with one plain value.',
  ),
  OPERATION_NOT_REGISTERED: entry(
    403,
    'The contract of this client serves registered operations only, and this is none of them.',
    'Send a registered operation under its name, or register it in the contract.',
  ),
  OPERATION_ALTERED: entry(
    403,
    'The document differs from the one registered under this operation name.',
    'Send the registered text, or register the new SHA-256 in the contract.',
  ),
  OPERATION_UNSUPPORTED: entry(
    400,
    'The operation uses something this gateway does not serve.',
    'Send the operation without `@stream`.',
  ),
  OPERATION_NAME_MISSING: entry(
    400,
    'The document has several operations and the request names none of them.',
    'Send `operationName`.',
  ),
  OPERATION_TOO_LARGE: entry(
    400,
    'The operation is larger than the limits of this gateway.',
    'Ask for less at once; the limits are listed by `assent config`.',
  ),
  OPERATION_TOO_COSTLY: entry(
    400,
    'The operation costs more than this gateway allows.',
    'Ask for smaller pages or fewer lists inside one another; `extensions.measured` is what it costs, `most` what it may.',
  ),
  VARIABLES_TOO_LARGE: entry(
    400,
    'The values of the variables are larger than the limits of this gateway.',
    'Send fewer or smaller values, in several requests; the limits are listed by `assent config`.',
  ),
  PAGE_SIZE_MISSING: entry(
    400,
    'This list must be asked for with exactly one of the arguments that say how much of it.',
    'Give one of the arguments named in `extensions.arguments` a number.',
  ),
  REQUEST_TOO_LARGE: entry(
    413,
    'The request is larger than the limits of this gateway.',
    'Send a smaller body; the limits are listed by `assent config`.',
  ),
  BAD_REQUEST: entry(
    400,
    'The request cannot be read as a GraphQL request.',
    'Send a body `{ "query": … }` that is JSON in UTF-8.',
  ),
  PARAMETERS_INVALID: entry(
    400,
    'The request is not made of the parameters of a GraphQL request.',
    'Send `query` (a text) and, when needed, `operationName` (a text), `variables` and `extensions` (objects).',
  ),
  CONTENT_TYPE_UNSUPPORTED: entry(
    415,
    'The request has a content type that is not served.',
    'Send `content-type: application/json`; the charset, when named, is utf-8.',
  ),
  CONTENT_ENCODING_UNSUPPORTED: entry(
    415,
    'The body has an encoding that is not served.',
    'Send the body plain, or with one of gzip, deflate and br.',
  ),
  NOT_ACCEPTABLE: entry(
    406,
    'The client accepts none of the media types of an answer.',
    'Accept `application/graphql-response+json` or `application/json`.',
  ),
  REQUEST_FORGEABLE: entry(
    400,
    'A web page of another site could have caused this request without the knowledge of its reader (CSRF).',
    'Send the header `graphql-require-preflight: 1`, or use POST with `content-type: application/json`.',
  ),
  HEADERS_TOO_LARGE: entry(
    431,
    'The headers are larger or more than the limits of this gateway.',
    'Send fewer headers; the limits are listed by `assent config`.',
  ),
  REQUEST_TOO_SLOW: entry(408, 'The request did not arrive in time.', 'Send it again, faster.'),
  REQUEST_TIMEOUT: entry(
    504,
    'The request took too long.',
    'Ask for less at once, or raise `request.timeoutMs`.',
  ),
  OPERATION_LATE: entry(
    504,
    'The operation was not answered within its budget, and there is nothing that may be told instead.',
    'Ask again in a moment, or give the operation more time in the contract (`budgetMs`).',
  ),
  CLIENT_GONE: entry(499, 'The client left before it was answered.', 'Nobody reads this.'),
  MUTATION_BY_GET: entry(405, 'A mutation is not executed by GET.', 'Send the mutation by POST.'),
  ROUTE_UNKNOWN: entry(404, 'Nothing is served here.', 'The GraphQL endpoint is `/graphql`.'),
  METHOD_NOT_ALLOWED: entry(405, 'This HTTP method is not served here.', 'Use POST, or GET for queries.'),
  GATEWAY_STOPPING: entry(
    503,
    'The gateway is stopping.',
    'Send the request again; another replica will answer.',
  ),
  GRAPHQL_PARSE_FAILED: entry(
    400,
    'The document is not GraphQL.',
    'Correct the document at the named location.',
  ),
  GRAPHQL_VALIDATION_FAILED: entry(
    400,
    'The document does not fit the schema.',
    'Correct the document at the named location.',
  ),
  BAD_USER_INPUT: entry(
    400,
    'A variable or argument does not fit, or is missing.',
    'Correct the named variable; values are not repeated here.',
  ),
  OPERATION_RESOLUTION_FAILURE: entry(
    400,
    'The document has no operation of the given name.',
    'Send an `operationName` that the document defines.',
  ),
  EXPLAIN_REFUSED: entry(
    403,
    'This client may not see plans.',
    'Leave the header `x-assent-explain` out, or set `explain: true` in the contract.',
  ),
  INTROSPECTION_DISABLED: entry(
    400,
    'This client may not introspect the schema.',
    'Use the published schema, or set `introspection: true` in the contract.',
  ),
  PERSISTED_QUERY_NOT_FOUND: entry(
    404,
    'No document is known under this hash.',
    'Send the document text together with its SHA-256 once.',
  ),
  PERSISTED_QUERY_MISMATCH: entry(
    400,
    'The document is not the one its hash stands for.',
    'Send the SHA-256 (lower-case hex) of exactly the text that is sent with it.',
  ),
  PERSISTED_QUERY_NOT_IN_LIST: entry(
    404,
    'No trusted document has this id.',
    'Publish the document with the manifest, and have the gateway started with it.',
  ),
  QUERY_NOT_IN_SAFELIST: entry(
    403,
    'Trusted documents only are served, and this is none of them.',
    'Ask a document of the manifest, or have this one added to it.',
  ),
  DOCUMENTS_INVALID: entry(
    500,
    'The manifest of trusted documents is not valid.',
    'Correct each named place, or write the manifest again with its tool.',
  ),
  BATCH_TOO_LARGE: entry(
    400,
    'The batch has more operations than this gateway takes at once.',
    'Send fewer operations a request; the limit is the setting `http.batch`, where 1 serves no batch at all.',
  ),
  PERSISTED_QUERY_NOT_SUPPORTED: entry(
    400,
    'Automatic persisted queries are not served.',
    'Send the document text, or register the operation in the contract.',
  ),
  RESPONSE_KEY_RESERVED: entry(
    400,
    'A response key uses a prefix the gateway keeps for itself.',
    'Choose another alias.',
  ),
  PLAN_FAILED: entry(
    500,
    'No plan could be made for this operation.',
    'Simplify the operation; if it fits the schema, this is a fault of the gateway: report the request id.',
  ),
  PLANNER_BUSY: entry(
    503,
    'Too many operations wait for a plan.',
    'Send the request again later; operations that were planned before are not held up.',
  ),
  PLAN_UNFENCED: entry(
    500,
    'The finished plan reaches a protected coordinate outside its guarded representations, so it is refused.',
    'Nothing was sent. This is a fault of the gateway: report the operation and the request id.',
  ),
  GATEWAY_STARTING: entry(
    503,
    'No supergraph is loaded yet.',
    'Send the request again later; `/health/ready` tells what is missing.',
  ),
  PLANNER_UNAVAILABLE: entry(
    503,
    'The process that plans is not ready.',
    'It is started again by itself; operations that were planned before are not held up.',
  ),
  WORKER_SILENT: entry(
    503,
    'A worker process does not answer.',
    'It is ended and started again by itself; the log tells more.',
  ),
  WORKERS_MISSING: entry(
    503,
    'Fewer worker processes serve than were asked for.',
    'They are started again by themselves; the log tells why they ended.',
  ),
  SUPERGRAPH_UNAVAILABLE: entry(
    503,
    'The supergraph cannot be read from where it is kept.',
    'Check the setting `supergraph`: that the file is there and readable, or that the url answers with status 200.',
  ),
  SUPERGRAPH_UNSIGNED: entry(
    502,
    'The supergraph is not what the registry signed, was signed too long ago, or is older than the one before it.',
    'Check `supergraphSource.publicKeys`, the clocks, and what stands between the registry and this gateway; to go back on purpose, move the tag.',
  ),
  SUPERGRAPH_TOO_LARGE: entry(
    500,
    'The supergraph is larger than this gateway reads.',
    'Check the setting `supergraph`, or raise `supergraphSource.maxBytes`.',
  ),
  SUPERGRAPH_REFUSED: entry(
    503,
    'The newest supergraph is refused, and the one before it stays in service.',
    'Correct each named place and publish the supergraph again.',
  ),
  SUPERGRAPH_INVALID: entry(
    500,
    'The supergraph cannot be read.',
    'Compose it again with `assent schema compose` and start with the result.',
  ),
  SUPERGRAPH_UNFENCED: entry(
    500,
    'The supergraph has a protected coordinate that cannot be fenced.',
    'Run `assent schema compose`: it names the rule, the coordinate and the remedy.',
  ),
  SUPERGRAPH_UNSUPPORTED: entry(
    500,
    'The supergraph uses a feature this gateway does not serve.',
    'Remove the feature from the subgraph, or compose with a federation version this gateway serves.',
  ),
  SUBGRAPH_UNREACHABLE: entry(
    502,
    'A subgraph cannot be reached.',
    'Check that the subgraph runs and that its url in the settings is right.',
  ),
  SUBGRAPH_TIMEOUT: entry(
    504,
    'A subgraph did not answer in time.',
    'Ask for less at once, or raise `subgraphs.timeoutMs`.',
  ),
  SUBGRAPH_CIRCUIT_OPEN: entry(
    503,
    'A subgraph has failed so often that it is not asked for a while.',
    'Check the subgraph; it is tried again after `subgraphs.circuit.openMs`.',
  ),
  SUBGRAPH_BUSY: entry(
    503,
    'Too many requests wait for a subgraph.',
    'Send the request again later; raise `subgraphs.concurrency` if the subgraph can take more.',
  ),
  SUBGRAPH_RESPONSE_INVALID: entry(
    502,
    'A subgraph answered something that is not a GraphQL response.',
    'Check the subgraph; its answer was dropped and is not repeated here.',
  ),
  SUBGRAPH_ENTITY_MISMATCH: entry(
    502,
    'A subgraph answered entities other than those it was asked for.',
    'Check the reference resolver of the subgraph: as many entities as representations, in their order, null for none.',
  ),
  SUBGRAPH_ERROR: entry(
    502,
    'A subgraph answered with an error.',
    'See `extensions.subgraphCode` where there is one, else the log of the subgraph under the same request id.',
  ),
  SUBGRAPH_STREAM_BROKEN: entry(
    502,
    'A subgraph broke off the events of a subscription.',
    'Subscribe again; events in between are lost. The log of the subgraph may say why.',
  ),
  STREAM_UNSUPPORTED: entry(
    400,
    'This answer comes in several parts, and the request does not say that it can read them.',
    'Send `accept: text/event-stream` or `accept: multipart/mixed; subscriptionSpec=1.0`, or use WebSocket.',
  ),
  STREAMS_EXHAUSTED: entry(
    503,
    'As many streams are open as this gateway allows.',
    'End a stream, or try again later; `streams` in the settings has the limits.',
  ),
  STREAM_TOO_SLOW: entry(
    503,
    'The stream was ended because its reader fell behind.',
    'Read faster or subscribe to less; `streams.maxWaitingEvents` says how far behind a reader may fall.',
  ),
  STREAM_LIFETIME_OVER: entry(
    503,
    'The stream was ended because it has lasted as long as a stream may.',
    'Subscribe again; `streams.maxLifetimeSeconds` says how long a stream may last.',
  ),
  SUPERGRAPH_REPLACED: entry(
    503,
    'The stream was ended because the graph it was opened on has been replaced.',
    'Subscribe again: the new graph answers.',
  ),
  ORIGIN_REFUSED: entry(
    403,
    'A page of this origin may not open a connection here.',
    'Add the origin to `cors.origins`, or connect from the origin of the gateway.',
  ),
  WITHHELD: entry(
    200,
    'A value is withheld.',
    'See `extensions.reason`; docs/denials.md tells what each reason means.',
  ),
  UNAUTHORIZED_FIELD_OR_TYPE: entry(
    200,
    'The caller may not read this field or its type.',
    'Send a token that the field asks for (`@authenticated`, `@requiresScopes`, `@policy`), or leave the field out.',
  ),
  WITHHELD_REJECTED: entry(
    403,
    'A value would be withheld, and the contract of this client asks to refuse the whole answer then.',
    'Ask for less, or set `onWithheld: strip` in the contract.',
  ),
  CONSENT_UNAVAILABLE: entry(
    503,
    'Consent cannot be read, so everything protected is withheld.',
    'Check that the consent service runs and answers in time; try again.',
  ),
  CONSENT_REVISION_INVALID: entry(
    400,
    'The header `x-consent-revision` is no revision of consent.',
    'Send the `revision` of the receipt as it was answered, or no header.',
  ),
  CONSENT_OVERTAKEN: entry(
    503,
    'Somebody’s consent changed while the answer was on its way, so it was not sent.',
    'Ask again.',
  ),
  DECISION_LOG_UNWRITABLE: entry(
    503,
    'The decision records cannot be kept, so nothing is answered.',
    'Check space and permissions of `decisionLog.file`.',
  ),
  CONFIG_INVALID: entry(
    500,
    'The settings are not valid.',
    'Correct each named setting; `assent config --help` lists all.',
  ),
  CONTRACTS_INVALID: entry(
    500,
    'The client contracts are not valid.',
    'Correct each named place in the clients directory.',
  ),
  DATA_DIRECTORY_LOCKED: entry(
    500,
    'Another process uses the data directory.',
    'Stop the other process, or choose another directory with `--data`.',
  ),
  PORT_TAKEN: entry(
    500,
    'Something else listens on this address.',
    'Stop it, or take another port with `--port` or the setting `port`; 0 takes any free one.',
  ),
  NON_NULL: entry(
    502,
    'A field that may not be null has no value, so the nearest nullable parent is null.',
    'Check the subgraph that owns the field; a protected field should be nullable.',
  ),
  INTERNAL: entry(
    500,
    'Something unexpected went wrong.',
    'Report the correlation id; the log has the details under it.',
  ),
} as const satisfies Record<string, CatalogueEntry>
