interface Entry {
  readonly sentence: string
  readonly remedy: string
}

/** Why a check could not be made at all. None of these passes: they exit with 2 or 3. */
export const CHECK_FAILURES = {
  CHECK_PLACE_MISSING: {
    sentence: 'What is to be checked is not there.',
    remedy: 'Name a directory, a file, git:REF or registry:TAG that exists.',
  },
  CHECK_PLACE_EMPTY: {
    sentence: 'There is nothing to check in that place.',
    remedy: 'Name a directory with `<subgraph>.graphql`, `events/`, `features/`, `clients/` or `policies/`.',
  },
  CHECK_REF_UNKNOWN: {
    sentence: 'Git does not know this revision, or has no such directory in it.',
    remedy: 'Fetch it first, in CI with the whole history (`fetch-depth: 0`), and write it as git names it.',
  },
  CHECK_NOT_IN_GIT: {
    sentence: 'The directory is in no working tree of git.',
    remedy: 'Run the check inside of one, write git:REF:DIR, or name a directory in place of git:REF.',
  },
  CHECK_INPUT_UNREADABLE: {
    sentence: 'A file that was named cannot be read.',
    remedy: 'Correct it; the form of each is in docs/schema-check.md.',
  },
  CHECK_OUTPUT_UNWRITABLE: {
    sentence: 'What was found cannot be written there.',
    remedy: 'Name a file in a directory that exists.',
  },
  GIT_UNAVAILABLE: {
    sentence: 'Git cannot be run here.',
    remedy: 'Install git, or name a directory in place of git:REF.',
  },
  CHECK_REGISTRY_UNNAMED: {
    sentence: 'It is not said where the registry is.',
    remedy:
      'Set ASSENT_REGISTRY_URL to its http or https url (and ASSENT_REGISTRY_TOKEN), or name a directory or git:REF in place of registry:TAG.',
  },
  CHECK_REGISTRY_REFUSED: {
    sentence: 'The registry does not take the token.',
    remedy: 'Set ASSENT_REGISTRY_TOKEN to a token that the registry knows; any role may read.',
  },
  REGISTRY_UNAVAILABLE: {
    sentence: 'The registry cannot be asked, so nothing is known of what to compare with.',
    remedy: 'Try again when it answers, or name a directory or git:REF in place of registry:TAG.',
  },
} as const satisfies Record<string, Entry>

export type CheckFailureCode = keyof typeof CHECK_FAILURES
