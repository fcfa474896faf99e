/**
 * Purposes come from one versioned list, each mapped to a public vocabulary, so that a word in a schema, in a receipt
 * and in a contract means the same thing (GDPR Art. 5(1)(b), W3C Data Privacy Vocabulary 2, fideslang 3 data uses).
 */
export interface Vocabulary {
  readonly version: string
  readonly scopes: ReadonlyMap<string, ConsentScope>
  readonly purposes: ReadonlyMap<string, PurposeTerm>
}

/** What a person can say yes to. */
export interface ScopeTerm {
  readonly name: string
  readonly sentence: string
  /** Term of the W3C Data Privacy Vocabulary, `dpv:DirectMarketing`. */
  readonly dpv: string
  /** Key of a fideslang data use, `marketing.communications.email`. */
  readonly fides: string
}

/** A scope with how careful one has to be with what is kept under it. */
export interface ConsentScope extends ScopeTerm {
  /** What it allows to infer may be of a special category (GDPR Art. 9): it is kept so that a database cannot read it. */
  readonly isSensitive?: boolean
}

/** What a caller wants to do, and the most it may ask people for while doing it. */
export interface PurposeTerm extends ScopeTerm {
  readonly scopes: ReadonlySet<string>
}

/** The scopes a purpose may use; none for a purpose the vocabulary does not have. */
export const scopesOf = (vocabulary: Vocabulary, purpose: string): ReadonlySet<string> =>
  vocabulary.purposes.get(purpose)?.scopes ?? new Set()

type Row = readonly [name: string, dpv: string, fides: string, sentence: string]

const SCOPES: readonly Row[] = [
  [
    'marketing_email',
    'dpv:DirectMarketing',
    'marketing.communications.email',
    'Send this person marketing by e-mail.',
  ],
  [
    'marketing_sms',
    'dpv:DirectMarketing',
    'marketing.communications.sms',
    'Send this person marketing by text message.',
  ],
  [
    'product_recs',
    'dpv:ProvideProductRecommendations',
    'personalize.content.profiled',
    'Recommend products from what this person bought or looked at.',
  ],
  ['analytics', 'dpv:ServiceUsageAnalytics', 'analytics', 'Measure how this person uses the service.'],
  ['personalization', 'dpv:Personalisation', 'personalize', 'Adapt pages and messages to this person.'],
  [
    'crm_contact',
    'dpv:CustomerRelationshipManagement',
    'essential.service.operations.support',
    'Read how to reach this person, to look after them as a customer.',
  ],
  ['profiling', 'dpv:Profiling', 'personalize.profiling', 'Infer traits of this person or their household.'],
  ['third_party_sharing', 'dpv:Share', 'third_party_sharing', 'Pass this person’s data to another company.'],
]

/** Traits that are inferred may be of a special category, whatever they are inferred from. */
const SENSITIVE: ReadonlySet<string> = new Set(['profiling'])

const PURPOSES: readonly (readonly [...Row, ...scopes: string[]])[] = [
  [
    'personalization',
    'dpv:Personalisation',
    'personalize',
    'Show each person what suits them.',
    'personalization',
    'product_recs',
    'analytics',
    'crm_contact',
  ],
  [
    'marketing',
    'dpv:Marketing',
    'marketing.communications',
    'Tell people about products and offers.',
    'marketing_email',
    'marketing_sms',
    'personalization',
    'crm_contact',
  ],
  [
    'analytics',
    'dpv:ServiceUsageAnalytics',
    'analytics.reporting',
    'Understand how the service is used.',
    'analytics',
  ],
  [
    'customer_service',
    'dpv:CustomerCare',
    'essential.service.operations.support',
    'Answer a person who asks for help.',
    'crm_contact',
  ],
  [
    'advertising',
    'dpv:PersonalisedAdvertising',
    'marketing.advertising',
    'Choose and measure advertisements.',
    'third_party_sharing',
    'profiling',
    'analytics',
  ],
  // Consent is not asked for it, so it has no scope: what it may learn it learns by `requestReidentification` alone.
  [
    'legal_request',
    'dpv:LegalCompliance',
    'essential.legal_obligation',
    'Answer a court or an authority that asks who somebody is.',
  ],
  [
    'model_training',
    'dpv:ResearchAndDevelopment',
    'train_ai_system',
    'Train statistical models on personal data.',
    'profiling',
    'product_recs',
    'analytics',
  ],
]

const term = ([name, dpv, fides, sentence]: Row): ScopeTerm => Object.freeze({ name, dpv, fides, sentence })

export const standardVocabulary: Vocabulary = Object.freeze({
  version: '1.0',
  scopes: new Map(
    SCOPES.map((row) => [
      row[0],
      SENSITIVE.has(row[0]) ? Object.freeze({ ...term(row), isSensitive: true }) : term(row),
    ]),
  ),
  purposes: new Map(
    PURPOSES.map(([name, dpv, fides, sentence, ...scopes]) => [
      name,
      Object.freeze({ ...term([name, dpv, fides, sentence]), scopes: new Set(scopes) }),
    ]),
  ),
})
