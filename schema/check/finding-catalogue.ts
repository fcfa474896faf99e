import type { Direction, FindingKind, Level } from './finding.ts'

interface Entry {
  readonly kind: FindingKind
  readonly level: Level
  readonly direction?: Direction
  /** What is the case, whatever the place. */
  readonly sentence: string
  readonly remedy: string
  /** Whether an owner can allow it. */
  readonly isForOwner: boolean
}

/** Closed: a code that is not in the catalogue does not compile. */
export type FindingCode = keyof typeof FINDINGS

const KEEP = 'Keep what is there, deprecate it with a day, and take it away when nobody uses it any more.'
const ASK =
  'Take it back, or have it allowed by who answers for it, and ask people anew where they were told otherwise.'
const TELL = 'Nothing has to be done.'

const fault = (sentence: string, remedy: string): Entry => ({
  kind: 'composition',
  level: 'error',
  sentence,
  remedy,
  isForOwner: false,
})
const breaking = (sentence: string, remedy = KEEP): Entry => ({
  kind: 'breaking',
  level: 'error',
  sentence,
  remedy,
  isForOwner: true,
})
const dangerous = (sentence: string, remedy: string): Entry => ({
  kind: 'dangerous',
  level: 'warning',
  sentence,
  remedy,
  isForOwner: false,
})
const safe = (sentence: string): Entry => ({
  kind: 'safe',
  level: 'note',
  sentence,
  remedy: TELL,
  isForOwner: false,
})
const loosens = (sentence: string, remedy = ASK): Entry => ({
  kind: 'privacy',
  level: 'error',
  direction: 'loosens',
  sentence,
  remedy,
  isForOwner: true,
})
const tightens = (sentence: string): Entry => ({
  kind: 'privacy',
  level: 'note',
  direction: 'tightens',
  sentence,
  remedy: TELL,
  isForOwner: false,
})
const same = (sentence: string, remedy: string): Entry => ({
  kind: 'privacy',
  level: 'warning',
  direction: 'same',
  sentence,
  remedy,
  isForOwner: false,
})
const policy = (sentence: string, remedy: string): Entry => ({
  kind: 'policy',
  level: 'error',
  sentence,
  remedy,
  isForOwner: true,
})

/** The catalogue: code → kind, level, direction, sentence, remedy. Composition faults keep the composer’s codes. */
export const FINDINGS = {
  NOT_COMPOSED: fault('The graph does not compose.', 'Correct it.'),
  CHECK_FAILED: fault(
    'A check could not be decided, so it is taken as failed.',
    'Correct the findings beside this one; if there are none, check the files one by one.',
  ),
  VOCABULARY_INVALID: fault('The vocabulary cannot be read.', 'See docs/vocabulary.md.'),

  BREAKING_CHANGE: breaking('Who asks for it fails.'),
  DANGEROUS_CHANGE: dangerous('Who asks for it may see what they did not expect.', 'Tell who asks for it.'),
  SAFE_CHANGE: safe('Nobody who asks notices.'),
  REQUIRED_TO_NULLABLE: breaking('A field may be null from now on: clients that rely on a value fail.'),
  NULLABLE_TO_REQUIRED: safe('A field is never null from now on.'),
  PROTECTED_NULLABLE_TO_REQUIRED: dangerous(
    'A protected field may not be null any more: where it is withheld, the object around it goes with it.',
    'Leave it nullable.',
  ),
  REMOVED_AFTER_WINDOW: safe('What is gone was announced, and its day has passed.'),
  REMOVED_BEFORE_WINDOW_END: breaking(
    'It is gone before the day that was announced.',
    'Leave it until that day.',
  ),
  WINDOW_CUT: breaking(
    'What is deprecated goes earlier than was announced.',
    'Leave the day that was announced, or name a later one.',
  ),
  WINDOW_EXTENDED: safe('What is deprecated stays for longer than was announced.'),
  ENTITY_KEY_REMOVED: dangerous(
    'An entity cannot be asked for by this key any more.',
    'Keep the key until no subgraph refers to the type by it.',
  ),
  ENTITY_KEY_ADDED: safe('An entity can be asked for by another key.'),

  SCOPE_REMOVED: loosens('It may be read without the consent that was asked for.'),
  SCOPE_LOOSENED: loosens('It may be read with less consent than was asked for.'),
  SCOPE_CHANGED: loosens('It may be read with another consent than the one that was asked for.'),
  SCOPE_ADDED: tightens('It needs consent from now on; people without it are answered null.'),
  SCOPE_TIGHTENED: tightens('It needs more consent than before.'),
  ANONYMOUS_ADDED: loosens('Who did not agree is answered with a default from now on, and not with null.'),
  ANONYMOUS_REMOVED: tightens('Who did not agree is answered null from now on.'),
  ACCESS_LOOSENED: loosens('Callers may read it who had to prove more before.'),
  ACCESS_TIGHTENED: tightens('Callers have to prove more before they may read it.'),
  SUBJECT_KEY_CHANGED: loosens('Whose data it is, is told by another field: other people would be asked.'),
  SUBJECT_REMOVED: loosens('It is not said any more whose data it is, so nobody would be asked.'),
  SUBJECT_ADDED: tightens('It is said whose data it is.'),
  PURPOSE_ADDED: loosens('Data is used for something people were not told of.'),
  PURPOSE_REMOVED: tightens('Data is not used for this any more.'),
  CONSUMER_ADDED: loosens('Somebody reads it who did not.'),
  CONSUMER_REMOVED: tightens('Somebody does not read it any more.'),
  RETENTION_LENGTHENED: loosens('Data is kept for longer than people were told.'),
  RETENTION_SHORTENED: tightens('Data is kept for a shorter time.'),
  DISPOSITION_LOOSENED: loosens('More is left when the time is over.'),
  DISPOSITION_TIGHTENED: tightens('Less is left when the time is over.'),
  ORIGIN_CHANGED: loosens('What people told becomes what is inferred about them, or the other way round.'),
  CLASSIFICATION_LOWERED: loosens('It is classified as saying less of a person than before.'),
  CLASSIFICATION_CHANGED: same('It is classified otherwise.', 'Look whether its other terms still fit.'),
  CONTRACT_ADDED: tightens('It is said who answers for it and on what terms.'),
  OWNER_CHANGED: same('Somebody else answers for it.', 'See that the new owner knows of it.'),
  FRESHNESS_LOOSENED: dangerous(
    'It comes later than was promised.',
    'Keep the promise, or tell the consumers.',
  ),
  NEW_PATH_TO_PERSON: loosens('There is a new way from a root to personal data.'),
  NEW_OPEN_PATH: loosens(
    'What could be reached only through protected fields can be reached past them.',
    'Protect the new field as they are, leave it out, or have it allowed by who answers for the data.',
  ),
  NEW_ENTITY_KEY: loosens('People can be asked for by another key.'),
  NEW_PERSONAL_INPUT: loosens('It is computed from personal data it was not computed from.'),
  PERSONAL_PROVIDED: loosens('A subgraph gets personal data along another way, by @provides.'),
  PERSONAL_DATA_MOVED: loosens(
    'Protected data is asked for at another address than before.',
    'See that the address is one of yours, and have it allowed by who answers for the data.',
  ),
  PERSONAL_UNCLASSIFIED: policy(
    'It looks like personal data, and nobody has said what it is.',
    'Protect it with @requiresScope, or say with @dataContract(classification:) what it is.',
  ),
  PERSONAL_DECLASSIFIED: policy(
    'It looks like personal data, and is classified as what is about nobody.',
    'Protect it with @requiresScope, or classify it as what it is.',
  ),
  PERSON_FIELD_UNSAID: policy(
    'Everybody may read a new field of a person, and nobody has said what it is.',
    'Protect it with @requiresScope, or say with @dataContract what it is and who answers for it.',
  ),
  CONTRACT_MISSING: policy(
    'Nobody answers for protected data.',
    'Write @dataContract with owner, purpose, freshness, retention, consumers and disposition.',
  ),
  CONTRACT_ELEMENT_MISSING: policy('An element of a data contract is missing.', 'Write it.'),
  CONTRACT_ELEMENT_INVALID: fault(
    'An element of a data contract cannot be read.',
    'Write freshness and retention as ISO 8601 durations in whole numbers: P90D, P13M, PT36H.',
  ),
  PURPOSE_UNKNOWN: policy(
    'A purpose is not in the vocabulary.',
    'Name one of the vocabulary, or add it there.',
  ),
  MEANING_DIFFERS: dangerous(
    'The same name stands for something else in another place.',
    'Give one of them another name, or say the same in both.',
  ),
  SCOPE_MEANING_CHANGED: loosens('What people agreed to is said in other words.'),
  SCOPE_WORD_ADDED: safe('The vocabulary has another word.'),
  SCOPE_WORD_REMOVED: breaking('A word of the vocabulary is gone.'),
  PURPOSE_MAY_MORE: loosens('A purpose may use a scope it might not use.'),
  PURPOSE_MAY_LESS: tightens('A purpose may not use a scope any more.'),

  FEATURE_ADDED: safe('A feature is new.'),
  FEATURE_REMOVED: breaking('A feature is gone: who reads it misses it.'),
  FEATURE_FIELD_CHANGED: breaking('A feature is served under another name, or is of another type.'),
  FEATURE_MEANING_CHANGED: dangerous(
    'A feature is computed otherwise under the same name.',
    'Give it another name, and deprecate this one.',
  ),
  FEATURE_WINDOW_LENGTHENED: loosens('A feature looks further back than it did.'),

  CLIENT_ADDED: loosens(
    'Another client may ask.',
    'Have its purposes and scopes allowed by who answers for privacy.',
  ),
  CLIENT_REMOVED: breaking('A client may not ask any more.'),
  CLIENT_SCOPE_ADDED: loosens('A client may use more consent than it was given.'),
  CLIENT_SCOPE_REMOVED: tightens('A client may use less consent than before.'),
  CLIENT_PURPOSE_ADDED: loosens('A client may ask for a purpose it was not given.'),
  CLIENT_PURPOSE_REMOVED: tightens('A client may not ask for this purpose any more.'),
  CLIENT_LOOSENED: loosens('A client is held to less than before.'),
  CLIENT_TIGHTENED: tightens('A client is held to more than before.'),
  CLIENT_REACHES_NEW: loosens(
    'A client can obtain fields that it could not.',
    'Leave them out of what it may ask, or have it allowed by who answers for privacy.',
  ),
  CLIENT_INVALID: fault('A client contract cannot be read.', 'See clients/explorer.yaml.'),
  CLIENT_DOCUMENT_UNSEEN: fault(
    'What a client may ask by name is not among what is compared, or cannot be read: nobody would see a change of it.',
    'Keep it in a file below `operations/` or `clients/`, beside the contracts.',
  ),
  CLIENT_OPERATION_BROKEN: breaking(
    'An operation that a client has registered does not fit the graph any more.',
  ),

  POLICY_LOOSENED: loosens('More holds by default where people said nothing.'),
  POLICY_TIGHTENED: tightens('Less holds by default where people said nothing.'),
  POLICY_ADDED: safe('A bundle of policies is new.'),
  POLICY_REMOVED: breaking('A bundle of policies is gone: what it allowed by default is denied.'),
  POLICY_SIGNALS_CHANGED: loosens('A signal of people’s devices is heeded otherwise.'),

  RULE_BROKEN: policy(
    'A rule of the house forbids it.',
    'Change it, or have it allowed by who owns the rule.',
  ),
  RULE_INVALID: fault('A rule cannot be read, so nothing is known to keep it.', 'Correct the rule.'),
  RULE_ERRED: fault('A rule could not be decided here, so it is taken as broken.', 'Correct the rule.'),
  RULE_REMOVED: loosens('A rule of the house is gone or was rewritten.'),

  APPROVAL_EXPIRED: policy('An approval has run out.', 'Ask the owner again.'),
  APPROVAL_FORGED: policy('An approval is not by who it says.', 'Take it out, and find out who wrote it.'),
  APPROVAL_NOT_OWNER: policy(
    'An approval is by somebody who does not answer for the place.',
    'Ask the owner.',
  ),
  APPROVAL_OTHER_CONTENT: {
    kind: 'policy',
    level: 'warning',
    sentence: 'An approval allows another content than this.',
    remedy: 'Take it out, or ask the owner anew for what stands here now.',
    isForOwner: false,
  },
} as const satisfies Record<string, Entry>
