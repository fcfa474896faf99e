const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

/** What a system hears that writes to profiles: part of the catalogue beside this file. */
export const OWNERSHIP_ERRORS = {
  NOT_THE_OWNER: entry(
    'An attribute is written by a system that does not own it, and nothing was changed.',
    'Change it in the system that is named, or change who owns it in `ownership/fields.yaml`.',
  ),
  UNKNOWN_ATTRIBUTE: entry(
    'No contract knows this attribute.',
    'Write one of the attributes of `ownership/fields.yaml`, or its contract there first.',
  ),
  PROFILE_WRITE_UNREADABLE: entry(
    'A line cannot be read as a write to a profile.',
    'Send UTF-8, one JSON object a line with `pid`, `attribute`, `value`, `version` and `at`; the place says what does not fit.',
  ),
  PROFILE_VALUE_INVALID: entry(
    'A value is not of the kind of its attribute.',
    'Send what docs/ownership.md says for this kind; values are not repeated here.',
  ),
  PROFILE_WRITE_FROM_THE_FUTURE: entry(
    'Something is said to have been written later than now.',
    'Set the clock of the system right and send it again.',
  ),
  PROFILE_WRITE_TOO_OLD: entry(
    'Something was written longer ago than its attribute is kept.',
    'Nothing is to be done: it would be removed at once.',
  ),
  PROFILE_PERSON_UNKNOWN: entry(
    'Nobody has this pid.',
    'Send the pid that identity resolution answered; import the person first.',
  ),
  PROFILE_CONSENT_MISSING: entry(
    'This attribute rests on consent that the person does not give, or did not give yet when it was written.',
    'Send it only of people who consent; what was worked out before a withdrawal stays out also when they consent again.',
  ),
  PROFILE_PERSON_BLOCKED: entry(
    'Nothing is taken about this person, who was erased or whose data may not be used.',
    'Remove an erased person at the source, too; send it again when a suppression was lifted.',
  ),
  PROFILE_BATCH_TOO_LARGE: entry(
    'More lines are sent at once than are taken, and none was.',
    'Send at most 5,000 lines a request.',
  ),
  OWNERSHIP_NOT_CURRENT: entry(
    'What is known of consent is not current, so nothing is taken.',
    'Send it again after the seconds in `retry-after`; what was taken before is known.',
  ),
} as const
