const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

/** What the identity subgraph tells: part of the catalogue beside this file. */
export const IDENTITY_ERRORS = {
  LINK_INVALID: entry(
    'A link of pids cannot be read.',
    'Send `decisionId`, two or more different `pids`, `kind` (merged, renamed), `at` and `by`; the place says what does not fit.',
  ),
  LINK_ID_REUSED: entry(
    'Another link was taken under this id of a decision.',
    'Make a new id for each decision; an id is repeated only to send the same link again.',
  ),
  TOO_MANY_LINKED: entry(
    'More pids would be one person’s than one person can have, and nothing was linked.',
    'Look for what these records share: a household, a shop, a placeholder; separate them and merge again.',
  ),
  CRM_FILE_UNREADABLE: entry(
    'The CRM file cannot be read, and nothing was imported.',
    'Correct the named place; the first line names the columns.',
  ),
  TABLE_UNREADABLE: entry(
    'A table cannot be read, and nothing was matched.',
    'Name files of comma-, semicolon- or tab-separated text whose first line names each column once.',
  ),
  TABLE_EMPTY: entry('A table is empty.', 'Write a first line that names the columns.'),
  TABLE_ENCODING_UNKNOWN: entry(
    'A table is not UTF-8, and how it is written cannot be told, so nothing was matched.',
    'Write UTF-8, or say what it is by `--encoding`, for example `windows-1250` or `shift_jis`.',
  ),
  TABLES_TOO_LARGE: entry(
    'The tables have more rows than one run holds, and nothing was matched.',
    'Match at most 2,097,152 rows at once.',
  ),
  TABLE_ROWS_BROKEN: entry(
    'Rows cannot be read, and nothing was matched.',
    'Correct the named lines, or leave those rows out by `--skip-broken`.',
  ),
  TABLE_IDS_SHARED: entry(
    'The same ids stand in several tables, so that what was matched could not be told.',
    'Run with `--qualify-ids`: ids are then written with the name of their file before them.',
  ),
  ROW_QUOTE_NOT_CLOSED: entry(
    'A quote of a row is not closed.',
    'Close it, or write it twice where it is part of the value.',
  ),
  ROW_QUOTE_MISPLACED: entry(
    'Something stands behind a closing quote.',
    'Write a quote twice where it is part of the value.',
  ),
  ROW_TOO_LONG: entry('A row is longer than is read.', 'Send at most 1,048,576 characters a row.'),
  ROW_NOT_TEXT: entry('A row holds zero characters.', 'Export the table as text.'),
  ROW_TOO_SHORT: entry(
    'A row has fewer cells than there are columns.',
    'Write all its cells; empty ones are empty between their separators.',
  ),
  ROW_TOO_WIDE: entry(
    'A row has more cells than there are columns.',
    'Quote the values that hold separators.',
  ),
  ROW_WITHOUT_ID: entry('A row has no id.', 'Give each row an id of its own.'),
  ROW_ID_REPEATED: entry('An earlier row of the table has this id.', 'Give each row an id of its own.'),
  MATCH_MAPPING_INVALID: entry(
    'The mapping cannot be meant, and nothing was matched.',
    'Write `id: <column>`, `fields: {<column>: <kind>}` and `ignore: [<column>…]`; docs/matching.md has the kinds.',
  ),
  MATCH_MAPPING_NEEDED: entry(
    'What the columns hold cannot be told from their names and values.',
    'Write it down and name the file by `--mapping`; docs/matching.md shows one.',
  ),
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
  LOOKUPS_LIMITED: entry(
    'This client looks up more people than it may in a minute.',
    'Wait a minute; each try is recorded. Whoever serves many people raises `pseudonyms.lookupsPerMinute`.',
  ),
  ROTATION_ELSEWHERE: entry(
    'Another process is changing the keys of the pseudonyms.',
    'Let it go on, or end it and start this one again: it goes on where the other one stood.',
  ),
  ROTATION_INCOMPLETE: entry(
    'Some records could not be renamed, so the elder key stays in use.',
    'Restore what cannot be read or delete those records, and run the rotation again; nobody is lost meanwhile.',
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
  GRAPH_UNAVAILABLE: entry(
    'The database of the identity graph does not answer.',
    'What was said to be written is there; do the same again, and what is missing is added.',
  ),
  RECORD_UNKNOWN: entry(
    'There is no such record, or no such person.',
    'Name a record by its source and id, or a person by a pid as `Customer.pid` answers it.',
  ),
  MERGE_WITH_ONESELF: entry(
    'These are one person already.',
    'Name records or pids of two people; `Customer.currentPid` tells whose a pid is by now.',
  ),
  ACTOR_MISSING: entry(
    'A decision about people is somebody’s, and this request names nobody.',
    'Ask with a token of the person who decides.',
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
