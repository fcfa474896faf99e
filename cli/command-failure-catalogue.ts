interface Entry {
  readonly sentence: string
  readonly remedy: string
}

/** What only whoever sits at the command line can be told. */
export const COMMAND_FAILURES = {
  EVENT_CONTRACTS_NONE: {
    sentence: 'There is no event contract in that place.',
    remedy: 'Name a directory with a YAML file of each event type, or one such file.',
  },
  FEATURES_NONE: {
    sentence: 'There is no feature definition in that place.',
    remedy: 'Name a directory with a YAML file of each feature.',
  },
  RECEIPTS_NONE: {
    sentence: 'There are no receipts under that pid, so nothing was written.',
    remedy: 'Name the pid as it was asked under, or `--all`; what a person who was erased has said is gone.',
  },
  QUARANTINE_NOT_WAITING: {
    sentence: 'Nothing waits in quarantine under these ids.',
    remedy: '`assent events quarantine list` names what waits; what was replayed or given up does no more.',
  },
  PROBE_REFUSED: {
    sentence: 'A gateway refuses the probe, and would refuse it each time.',
    remedy: 'Correct what it says: the address, the token, the scope, the field or the canary.',
  },
} as const satisfies Record<string, Entry>

export type CommandFailureCode = keyof typeof COMMAND_FAILURES
