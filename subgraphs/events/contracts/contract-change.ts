/** What a change does: to who sends or reads the events, or to the people they are about. */
export type ChangeSeverity = 'breaking' | 'weakens_privacy' | 'safe'

interface ChangeEntry {
  readonly severity: ChangeSeverity
  /** What the change does, whatever the place. */
  readonly sentence: string
  /** What to do instead; for what is safe, whom to tell. */
  readonly remedy: string
}

const NEXT_VERSION = 'Keep this version as it is until its end, and write the change into the next one.'
const TELL = 'Nothing has to be done; tell the consumers.'
const ASK =
  'Take it back, or have it approved by who answers for privacy, and ask people anew where they were told otherwise.'

const breaking = (sentence: string, remedy = NEXT_VERSION): ChangeEntry => ({
  severity: 'breaking',
  sentence,
  remedy,
})
const weakens = (sentence: string): ChangeEntry => ({ severity: 'weakens_privacy', sentence, remedy: ASK })
const safe = (sentence: string): ChangeEntry => ({ severity: 'safe', sentence, remedy: TELL })

/** Closed: a change that is not in the catalogue does not compile. */
export type ChangeCode = keyof typeof CONTRACT_CHANGES

/** The catalogue: code → severity, sentence, remedy. */
export const CONTRACT_CHANGES = {
  TYPE_ADDED: safe('An event type is new.'),
  VERSION_ADDED: safe('A version is new beside the older ones.'),
  VERSION_ENDED: safe('A version is gone whose end had passed.'),
  VERSION_REMOVED: breaking(
    'A version is gone before its end: its events are refused.',
    'Leave it, with announced, until and successor in `deprecation`, until its end has passed.',
  ),
  FIELD_REMOVED: breaking('A field is gone: consumers miss it, and events that have it are refused.'),
  FIELD_RENAMED: breaking(
    'A field has another name: consumers miss the old one, and events that have it are refused.',
  ),
  FIELD_ADDED: safe('A field is new and may be left out.'),
  FIELD_ADDED_REQUIRED: breaking('A field is new and has to be there: events without it are refused.'),
  FIELD_REQUIRED: breaking('A field has to be there from now on: events without it are refused.'),
  FIELD_OPTIONAL: breaking('A field may be left out from now on: consumers that rely on it fail.'),
  FIELD_NULLABLE: breaking('A field may be null from now on: consumers that rely on a value fail.'),
  FIELD_NOT_NULLABLE: breaking('A field may not be null any more: events where it is are refused.'),
  FIELD_TYPE_CHANGED: breaking('A field is of another type.'),
  FIELD_NARROWED: breaking('A field takes less than before: events that fitted are refused.'),
  FIELD_WIDENED: safe('A field takes more than before: consumers see values they did not see.'),
  CHOICE_REMOVED: breaking('A value is not one of the choices any more: events that have it are refused.'),
  CHOICE_ADDED: safe('A choice is new: consumers see a value they did not see.'),
  MEANING_CHANGED: breaking(
    'A field means something else, or the same in other words, which no program can tell apart.',
    'Keep the sentence, or name what it means now by a field of its own.',
  ),
  CLASSIFICATION_LOWERED: weakens('A field is classified as saying less of a person than before.'),
  CLASSIFICATION_CHANGED: safe('A field is classified otherwise.'),
  TIMESTAMP_CHANGED: breaking(
    'What `occurredAt` means is said in other words, which no program can tell from another meaning.',
    'Keep the sentence, or write the new one into the next version.',
  ),
  OPT_IN_CHANGED: weakens('What people agreed to is said in other words, and not in those they were told.'),
  SCOPE_CHANGED: weakens('Events rest on another consent than the one people gave for them.'),
  SCOPE_DROPPED: weakens('Events rest on no consent any more.'),
  SCOPE_ADDED: breaking(
    'Events need a consent from now on: those without it are refused, and those kept are not read.',
  ),
  BASIS_LOOSENED: weakens('Events are kept without the consent they rested on.'),
  BASIS_TIGHTENED: breaking('Events rest on consent from now on: those without it are refused.'),
  PURPOSE_ADDED: weakens('Events are used for something people were not told of.'),
  PURPOSE_REMOVED: breaking('A purpose is gone: whoever reads events for it may not any more.'),
  CONSUMER_ADDED: weakens('Somebody reads the events who did not.'),
  CONSUMER_REMOVED: breaking('Somebody may not read the events any more.'),
  RETENTION_LENGTHENED: weakens('Events are kept for longer than people were told.'),
  RETENTION_SHORTENED: safe('Events are kept for a shorter time.'),
  DISPOSITION_LOOSENED: weakens('More is left of an event when its basis has gone.'),
  DISPOSITION_TIGHTENED: safe('Less is left of an event when its basis has gone.'),
  DEPRECATED: safe('The end of a version is announced.'),
  WINDOW_EXTENDED: safe('A version is taken for longer than was announced.'),
  WINDOW_CUT: breaking(
    'A version is taken for a shorter time than was promised.',
    'Leave the days and the notice that were promised, or move the end further away.',
  ),
  SUCCESSOR_CHANGED: safe('Another version is to be sent instead.'),
  FRESHNESS_LOOSENED: breaking(
    'Events come later than was promised.',
    'Keep the promise, or agree on another one with the consumers.',
  ),
  VALIDITY_LOOSENED: breaking(
    'More events may be unfit than was promised.',
    'Keep the promise, or agree on another one with the consumers.',
  ),
  QUALITY_TIGHTENED: safe('More is promised of the events than before.'),
  ALERT_CHANGED: safe('Others are told when a promise is not kept.'),
  OWNER_CHANGED: safe('Another team answers for the events.'),
  DESCRIPTION_CHANGED: safe('What happened is described in other words.'),
} as const satisfies Record<string, ChangeEntry>

/** One change of one version of an event type. */
export interface ContractChange {
  readonly severity: ChangeSeverity
  readonly code: ChangeCode
  readonly type: string
  readonly version: number
  /** The way to it: `fields.properties.sku.maxLength`; empty for the version as a whole. */
  readonly path: string
  readonly message: string
  readonly remedy: string
  /** Who reads the events: before, or, where privacy is weakened, after the change. */
  readonly consumers: readonly string[]
  readonly before: string | null
  readonly after: string | null
}

/** What changed at a place, before it is told of whom. */
export interface PlacedChange {
  readonly code: ChangeCode
  readonly path: string
  readonly before?: string | null
  readonly after?: string | null
}
