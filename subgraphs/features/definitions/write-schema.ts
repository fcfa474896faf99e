import type { FeatureDefinition } from './feature-definition.ts'

/**
 * The schema of the subgraph as the definitions say it, so that field, type, scope and retention stand in one place. Where
 * a value comes from is told by a second type whose fields ask for the same scopes, one by one: a list of lineages would be
 * one field, and one field cannot ask for a different scope for each of its items.
 */
export function writeSchema(definitions: readonly FeatureDefinition[]): string {
  return [HEAD, typeOf('CustomerFeatures', definitions), lineageOf(definitions), TAIL].join('\n\n')
}

const HEAD = `# Written by \`npm run docs\` from features/*.yaml.
extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.7"
    import: ["@key", "@shareable", "@external", "@requires", "@inaccessible"]
  )
  @link(
    url: "https://assent.example/consent/v1.0"
    import: ["@requiresScope", "@dataSubject", "@dataContract"]
  )

type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  features: CustomerFeatures
}`

function typeOf(name: string, definitions: readonly FeatureDefinition[]): string {
  const fields = definitions.map(
    (one) => `  "${one.description}"\n  ${one.field}: ${one.type}\n    ${scopeOf(one)}\n${contractOf(one)}`,
  )
  const lineage = `  "Where each of these values comes from."\n  lineage: CustomerFeatureLineage`
  return `"Each value rests on the receipt that is in force; one whose time has run out is not served."\ntype ${name} {\n${[...fields, lineage].join('\n')}\n}`
}

function lineageOf(definitions: readonly FeatureDefinition[]): string {
  const fields = definitions.map(
    (one) => `  ${one.field}: FeatureValue ${scopeOf({ ...one, anonymous: null })}`,
  )
  return `"Each under the scope of the value itself."\ntype CustomerFeatureLineage {\n${fields.join('\n')}\n}`
}

const scopeOf = ({ scope, anonymous }: Pick<FeatureDefinition, 'scope' | 'anonymous'>): string =>
  anonymous === null
    ? `@requiresScope(scope: "${scope}")`
    : `@requiresScope(scope: "${scope}", otherwise: ANONYMOUS)`

const contractOf = ({
  owner,
  purpose,
  freshness,
  retention,
  consumers,
  disposition,
}: FeatureDefinition): string =>
  `    @dataContract(
      owner: "${owner}"
      purpose: [${quoted(purpose)}]
      freshness: "${freshness.iso}"
      retention: "${retention.iso}"
      consumers: [${quoted(consumers)}]
      disposition: "${disposition}"
    )`

const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(', ')

const TAIL = `"A value with what it was computed from and what it rests on."
type FeatureValue {
  "As the field itself answers it."
  value: FeatureScalar!
  computedAt: String!
  "When it stops being served (ISO 8601)."
  expiresAt: String!
  freshness: FeatureFreshness!
  "In a sentence for the person."
  explanation: String!
  "The receipt that the value rests on, and those of the events."
  receipts: [ID!]!
  events: FeatureEvents!
}

"The events a value was computed from."
type FeatureEvents {
  count: Int!
  "Of the newest, at most ten: their ids in the event store."
  newest: [ID!]!
  "When the first of them happened (ISO 8601)."
  from: String
  until: String
}

enum FeatureFreshness {
  FRESH
  "Something that has happened since may not be in it yet."
  STALE
}

"A number, a text, a truth value or a list of texts."
scalar FeatureScalar
`
