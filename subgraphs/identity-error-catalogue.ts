const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

/** What the identity subgraph tells: part of the catalogue beside this file. */
export const IDENTITY_ERRORS = {
  KEYRING_MISSING: entry(
    'The key ring that the data was made with is not there.',
    'Put the file back from its backup: a new one would make a stranger of everybody.',
  ),
  KEYRING_SECRET_MISSING: entry(
    'The secret of the key ring is not there.',
    'Put the file back, or set `keys.secret` to the secret that the ring was made with.',
  ),
  KEYRING_EXPOSED: entry(
    'A file of the key ring can be read by others than its owner.',
    'Take the right from them (`chmod 600`); if others have been on this machine, rotate the keys.',
  ),
  KEYRING_UNREADABLE: entry(
    'The key ring does not open: another secret, or a changed file.',
    'Use the secret it was made with, or the file as it was; nothing was written.',
  ),
  KEY_REFUSED: entry(
    'A key is not there, or not for us to use.',
    'Use the key ring or KMS that the data was made with, and look at what it allows; nothing was written.',
  ),
  KEYS_UNAVAILABLE: entry(
    'Where the keys are, nobody answers.',
    'Nothing was done: ask again after the seconds in `retry-after`, and see whether the KMS can be reached.',
  ),
  VAULT_KEY_UNREADABLE: entry(
    'A key of the vault cannot be opened with the key ring that is given.',
    'Give the service the key ring it had when the vault was made; no other one can name or open the records.',
  ),
  VAULT_ENTRY_REFUSED: entry(
    'An entry of the vault is not as it was sealed, so nothing of it is shown.',
    'Restore it from a backup, or import the record again; the place is the name of the record.',
  ),
  VAULT_BUSY: entry(
    'Records of the vault are being written by others all the time.',
    'Run one import of a source at a time, and run this one again.',
  ),
  REIDENTIFICATION_NOT_ALLOWED: entry(
    'Nobody may do this, or it is nothing that may be done by who asks.',
    'Ask with a token of a person of the staff whose roles allow it, about a request that is there; docs/reidentification.md.',
  ),
  REIDENTIFICATION_INVALID: entry(
    'A request to learn who stands behind a pid cannot be taken.',
    'Send a legal ticket, a reason and the fields that are needed; the place says what does not fit.',
  ),
  REIDENTIFICATION_LIMIT: entry(
    'More is asked for than is taken in this time, by this person or by all.',
    'Wait, or have the limits changed; nothing was asked for.',
  ),
  APPROVER_NOT_INDEPENDENT: entry(
    'Who approves has asked for it, or has approved it before.',
    'It takes two others than the requester.',
  ),
  REQUEST_NOT_OPEN: entry(
    'The request is not at the point where this can be done.',
    'Look at its state: what is refused, redeemed or expired is over and has to be asked for anew.',
  ),
  NOTHING_LEFT_TO_REVEAL: entry(
    'What was asked about was erased, or is this person’s no longer.',
    'Nothing was used up. Ask anew if there is a person still.',
  ),
  AUDIT_UNAVAILABLE: entry(
    'The trail cannot be written, so nothing was done and nothing is revealed.',
    'Look at the state of the request before trying again: the answer of the store may have been lost.',
  ),
  REIDENTIFICATION_POLICY_INVALID: entry(
    'The policies that say who may re-identify cannot be used.',
    'Correct what is named; `subgraphs/identity/reidentification/authority.cedarschema` has the words they may use.',
  ),
  REIDENTIFICATION_STAFF_INVALID: entry(
    'The list of who may take part in re-identification cannot be used.',
    'Write each person once, with names that are nobody else’s; docs/reidentification.md shows the file.',
  ),
  TRAIL_KEY_UNREADABLE: entry(
    'The key of the trail cannot be opened with the key ring that is given.',
    'Give the service the key ring it had when the trail was begun.',
  ),
  RECORD_UNKNOWN: entry(
    'There is no such record, or no such person.',
    'Name a record by its source and id, or a person by a pid as `Customer.pid` answers it.',
  ),
  MERGE_WITH_ONESELF: entry(
    'These are one person already.',
    'Name records or pids of two people; `Customer.currentPid` tells whose a pid is by now.',
  ),
  DECISION_UNKNOWN: entry(
    'There is no such decision.',
    'Take the id from `Query.mergeHistory` or `Query.howBuilt`.',
  ),
  DECISION_NOT_A_MERGE: entry(
    'Only merges are taken back by an unmerge.',
    'To take back an unmerge, merge the two records anew.',
  ),
  ALREADY_UNMERGED: entry('This merge was taken back before.', 'Nothing is left to do.'),
  MATCH_UNKNOWN: entry('There is no such possible match.', 'Take the id from `Query.possibleMatches`.'),
  MATCH_DECIDED: entry(
    'This possible match was decided before, and is decided once.',
    'Merge, unmerge or separate the two records by themselves.',
  ),
} as const
