interface Entry {
  /** HTTP status of the answer. */
  readonly status: number
  readonly sentence: string
  readonly remedy: string
}

const entry = (status: number, sentence: string, remedy: string): Entry => ({ status, sentence, remedy })

/** What whoever asks a registry, or runs one, can act on. No sentence repeats what was sent. */
export const REGISTRY_ERRORS = {
  REGISTRY_TOKEN_REFUSED: entry(
    401,
    'No token proves who asks, or none that the registry knows.',
    'Send `authorization: Bearer` with a token whose SHA-256 is in the file of the registry.',
  ),
  REGISTRY_NOT_ALLOWED: entry(
    403,
    'The role of this token does not allow it.',
    'Ask with a token of that role; a publisher changes the subgraphs and folders it is named for only.',
  ),
  REGISTRY_REQUEST_INVALID: entry(
    400,
    'The request is not one that the registry understands.',
    'Correct the named part; docs/registry.md has the form of each request.',
  ),
  REGISTRY_TOO_LARGE: entry(
    413,
    'The body is larger than the registry reads.',
    'Publish fewer files at once.',
  ),
  REGISTRY_TAG_UNKNOWN: entry(
    404,
    'There is no such tag.',
    'Publish to it, or name one that `assent registry tags` lists.',
  ),
  REGISTRY_VERSION_UNKNOWN: entry(
    404,
    'There is no such version.',
    'Name a version as `assent registry history` shows it, or a tag.',
  ),
  REGISTRY_BASE_MOVED: entry(
    409,
    'The tag has moved since the named base.',
    'Fetch the tag, check against it, and publish again.',
  ),
  REGISTRY_BASE_UNKNOWN: entry(
    404,
    'The named base is no version of this registry.',
    'Name the version that the change was made on, or leave it out to be checked against the newest.',
  ),
  REGISTRY_BLOCKED: entry(
    422,
    'The check blocks this publication, and nobody could approve what it finds.',
    'Correct the findings of the report; `assent schema check --base registry:TAG` shows them before.',
  ),
  REGISTRY_MOVE_WAITS: entry(
    409,
    'The version loosens or breaks what the tag has now, so the tag stays until its owners have allowed it.',
    'Have the owners approve what `assent registry pending` shows; with the last approval the tag is moved.',
  ),
  REGISTRY_WINDOW_OPEN: entry(
    422,
    'A deprecated field that clients still use is removed before its window is over.',
    'Keep the named field until its day, or move the clients that `assent registry deprecations` names.',
  ),
  REGISTRY_NOTHING_PENDING: entry(
    404,
    'No publication waits for this approval.',
    'Approve a hash as `assent registry pending` shows it.',
  ),
  APPROVAL_FORGED: entry(
    403,
    'The signature of the approval is not that of the owner’s key.',
    'Sign with the private key whose public key the registry has for this owner.',
  ),
  APPROVAL_EXPIRED: entry(
    422,
    'The approval has run out, or ends at no time that can be read.',
    'Sign one with an `until` in the future (ISO 8601).',
  ),
  APPROVAL_WRONG_OWNER: entry(
    403,
    'The finding is to be approved by another owner.',
    'Have the owner approve that the finding names.',
  ),
  APPROVAL_USED: entry(409, 'This approval was used already.', 'Sign a new one for what is published now.'),
  REGISTRY_SETTINGS_INVALID: entry(
    500,
    'The file of the registry is not valid.',
    'Correct every line that is named.',
  ),
  REGISTRY_UNNAMED: entry(
    400,
    'It is not said where the registry is.',
    'Set ASSENT_REGISTRY_URL, or write --registry with its url.',
  ),
  REGISTRY_AWAY: entry(
    503,
    'The registry does not answer.',
    'Check its address and that it runs, then try again.',
  ),
  REGISTRY_BUSY: entry(503, 'More wait for changes than the registry serves.', 'Ask again without `wait`.'),
  REGISTRY_FAILED: entry(500, 'The registry could not answer.', 'Read its log, and ask again.'),
} as const satisfies Record<string, Entry>

export type RegistryErrorCode = keyof typeof REGISTRY_ERRORS
