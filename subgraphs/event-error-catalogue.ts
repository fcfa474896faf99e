const entry = (sentence: string, remedy: string) => ({ sentence, remedy })

export type EventErrorCode = keyof typeof EVENT_ERRORS

/** Why an event was not stored, or a batch not taken: part of the catalogue beside this file. */
export const EVENT_ERRORS = {
  EVENT_NOT_UTF8: entry('A line is not UTF-8.', 'Send UTF-8; what was meant is not guessed.'),
  EVENT_TOO_LARGE: entry('A line is longer than is read.', 'Send at most `events.maxEventBytes` a line.'),
  EVENT_UNREADABLE: entry(
    'A line is not one JSON object.',
    'Send one event a line, as an object, without line breaks in it.',
  ),
  EVENT_INVALID: entry(
    'A member of an event is missing or cannot be meant.',
    'See docs/events.md for the members of an event; the place says which one.',
  ),
  EVENT_FROM_THE_FUTURE: entry(
    'An event is said to have happened later than now.',
    'Send `occurredAt` of a clock that is right; replay what was kept when it has.',
  ),
  EVENT_PAST_RETENTION: entry(
    'An event is so old that it would have to be deleted at once.',
    'Do not send events that are older than the retention of their type.',
  ),
  EVENT_TYPE_UNKNOWN: entry(
    'There is no contract for events of this type.',
    'Add the contract of the type, then replay what was kept; `assent events quarantine list` names it.',
  ),
  EVENT_VERSION_UNKNOWN: entry(
    'The contract of this type has no such version.',
    'Send a version that the contract has, or add it and replay.',
  ),
  EVENT_VERSION_RETIRED: entry(
    'The version of the contract is no longer in force.',
    'Send the version that follows it, as its deprecation says.',
  ),
  EVENT_BREAKS_CONTRACT: entry(
    'The data of an event are not as its contract says.',
    'Correct the producer, or mend the contract and replay; the place says what does not fit.',
  ),
  CONSENT_ID_MISSING: entry(
    'An event of this type rests on consent and names no receipt.',
    'Send the `consentId` under which it was collected.',
  ),
  CONSENT_ID_UNKNOWN: entry(
    'There is no receipt with this consent id.',
    'Send the id of the receipt as the consent service answered it; of who was erased there is none.',
  ),
  CONSENT_NOT_UNDERSTOOD: entry(
    'What the consent service answers of the receipt an event names is not understood.',
    'Have the consent service answer it as docs/consent-protocol.md says, then send the event again.',
  ),
  CONSENT_OF_ANOTHER_PERSON: entry(
    'The receipt an event names is another person’s.',
    'Send the consent id of the person the event is about.',
  ),
  CONSENT_FOR_ANOTHER_SCOPE: entry(
    'The receipt an event names is for another use than its contract.',
    'Send the consent id for the scope that the contract of the type names.',
  ),
  CONSENT_NOT_A_YES: entry(
    'The receipt an event names is not a yes.',
    'Collect nothing without one; such events cannot be replayed.',
  ),
  CONSENT_NOT_IN_FORCE_THEN: entry(
    'The receipt an event names was not in force when the event happened.',
    'Send the receipt that was in force then; without one the event may not be kept.',
  ),
  CONSENT_NOT_IN_FORCE: entry(
    'The consent an event rests on is not in force now.',
    'Nothing: what was withdrawn, has run out or was never given is not kept.',
  ),
  PERSON_UNKNOWN: entry(
    'Nobody is known by what an event names its person by.',
    'Import the record of the person, then replay what was kept.',
  ),
  PERSON_AMBIGUOUS: entry(
    'What an event names its person by belongs to several people.',
    'Name the person by pid, or by what is theirs alone.',
  ),
  PERSON_BLOCKED: entry(
    'Nothing may be kept about the person of an event.',
    'Nothing: who was erased or is suppressed is not written about.',
  ),
  EVENT_ID_REUSED: entry(
    'Another event of this source was stored under this id.',
    'Give each event an id of its own; an id is repeated only to send the same event again.',
  ),
  CONSENT_NOT_CURRENT: entry(
    'What people consent to now is not known here at the moment, so no event is judged.',
    'Send it again after the seconds in `retry-after`; what was stored already is not stored twice.',
  ),
  QUARANTINE_UNKNOWN: entry(
    'Quarantine has no such entry.',
    'Take the id from `assent events quarantine list`; what was settled is forgotten after a month.',
  ),
  BATCH_TYPE_UNKNOWN: entry(
    'A batch is not sent as NDJSON.',
    'Send `content-type: application/x-ndjson`, one event a line.',
  ),
  BATCH_ENCODING_UNKNOWN: entry(
    'A batch is packed in a way that is not read.',
    'Send it as it is, or with `content-encoding: gzip`.',
  ),
  EVENTS_TOO_MANY: entry(
    'A batch is larger than is read, and nothing of it was taken.',
    'Send smaller ones: `events.maxBatchBytes` unpacked, `events.maxBatchEvents` lines.',
  ),
  BATCH_UNREADABLE: entry(
    'A batch cannot be read to its end, and nothing of it was taken.',
    'Send it again, packed as `content-encoding` says.',
  ),
  IDEMPOTENCY_KEY_INVALID: entry(
    'An idempotency key cannot be one.',
    'Send 1 to 128 printable ASCII characters without spaces.',
  ),
  IDEMPOTENCY_KEY_REUSED: entry(
    'Another batch of this source was sent under this idempotency key.',
    'Make a new key for each batch; a key is repeated only to send the same batch again.',
  ),
  EVENTS_BUSY: entry(
    'More events are waiting than may wait, and nothing of this batch was taken.',
    'Send the same again after the seconds in `retry-after`.',
  ),
  EVENTS_UNAVAILABLE: entry(
    'The store of events, or what they are judged by, does not answer.',
    'Send the same again after the seconds in `retry-after`; what was stored already is not stored twice.',
  ),
  WEBHOOK_SIGNATURE_REFUSED: entry(
    'A webhook is not signed by its source, or too long ago.',
    'Sign id, timestamp and body as Standard Webhooks says, with a secret of `events.sources`.',
  ),
  EVENT_NOT_STORABLE: entry(
    'The store refused an event for what it says.',
    'Look at it with `assent events quarantine show`, correct the producer or the contract, and replay.',
  ),
  EVENT_NOT_JUDGED: entry(
    'An event of a subject could not be judged however often it was delivered, while others could.',
    'The log says what was thrown; mend that, then replay. Where no payload is kept, publish it again.',
  ),
} as const satisfies Record<string, { readonly sentence: string; readonly remedy: string }>
