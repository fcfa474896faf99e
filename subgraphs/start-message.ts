import type { Vocabulary } from '../directives/vocabulary.ts'
import type { Aggregates } from './aggregates/metric.ts'
import type { ConsentElsewhere } from './consent-elsewhere.ts'
import type { OutboxOptions } from './consent/outbox/outbox.ts'
import type { PolicyBundle } from './consent/policy/bundle.ts'
import type { IdentityFeedOptions } from './open-identity-feed.ts'
import type { EventsOptions } from './open-events.ts'
import type { OwnershipOptions } from './open-ownership.ts'
import type { PersonsOptions } from './open-persons.ts'
import type { ReidentificationSettings } from './open-reidentification.ts'
import type { StoreOptions } from './open-stores.ts'
import type { ListTerms } from './recommendations/hand-out-lists.ts'

/** What the process of the subgraphs is told, once. */
export interface StartMessage {
  readonly type: 'start'
  readonly options: StartOptions
}

export interface StartOptions extends StoreOptions {
  /** By the name of the subgraph; one without a key serves unprotected fields only. */
  readonly grantKeys: Readonly<Record<string, string>>
  /** Where to listen; ports are chosen by the system. Default: loopback only. */
  readonly host?: string
  /** How many people to make up when there are none; 0: leave the stores empty. Default 500. */
  readonly demoPeople?: number
  /** How long after something was deleted for consent the files are rewritten, in milliseconds. Default: ten seconds. */
  readonly rewriteAfterMs?: number
  /** The words people can consent to; its maps need a channel with `serialization: 'advanced'`. Default: the standard ones. */
  readonly vocabulary?: Vocabulary
  /** What holds where nothing was said; like the vocabulary, it is made of maps. Default: nothing does. */
  readonly policy?: PolicyBundle | null
  /** What may be asked about cohorts; like the vocabulary, it is made of maps. Default: nothing. */
  readonly aggregates?: Aggregates
  /** Who may learn who stands behind a pid; absent: nobody. */
  readonly reidentification?: ReidentificationSettings
  /** How persons reach the consent service; absent: not at all. */
  readonly persons?: PersonsOptions
  /** Who has to hear of changes of consent, and how they are reached. Default: nobody. */
  readonly outbox?: Pick<OutboxOptions, 'consumers' | 'delivery' | 'operatorToken'>
  /** How identity reaches consent, and who has to hear what became of pids. Default: in this process, and nobody. */
  readonly identityFeed?: IdentityFeedOptions
  /** Where those who keep rows that rest on consent ask for it; null or absent: in this process. */
  readonly consentElsewhere?: ConsentElsewhere | null
  /** The secret by which those of another process ask for consent here; null or absent: nobody does. */
  readonly followKey?: string | null
  /** Who owns which attribute of a profile; absent: no system writes any. */
  readonly ownership?: OwnershipOptions
  /** The directory of the model that ranks products; null or absent: there is none. */
  readonly recommendationsModel?: string | null
  /** How much a client is given of lists that are made for a person. */
  readonly recommendationLists: ListTerms
  /** How events come, and by which contracts; absent: not at all. */
  readonly events?: EventsOptions & { readonly contracts: string }
}

/** What the process tells its parent. After `failed` it ends with exit code 1. */
export type SubgraphsMessage =
  | { readonly type: 'progress'; readonly sentence: string; readonly ms: number }
  | {
      readonly type: 'ready'
      readonly subgraphs: readonly { readonly name: string; readonly url: string }[]
      /** The preference centre; null when persons are not served. */
      readonly preferences: string | null
      /** Where events are sent to; null when none are taken. */
      readonly events: string | null
      readonly ms: number
      readonly rssMb: number
    }
  | {
      readonly type: 'failed'
      /** Of the catalogue, or the system's own (`EADDRINUSE`). */
      readonly code: string
      /** What the code is about: a directory, a file; null when only the message tells. */
      readonly place: string | null
      readonly message: string
    }
