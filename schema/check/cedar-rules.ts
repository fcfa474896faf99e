import { randomUUID } from 'node:crypto'
import type * as CedarEngine from '@cedar-policy/cedar-wasm/nodejs'
import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs'
import type { Place } from './finding.ts'

/** What a rule is asked about: one field, wherever it is declared. */
export interface Subject {
  readonly coordinate: string
  /** The subgraph, `events` or `features`. */
  readonly declaredBy: string
  readonly name: string
  readonly parent: string
  readonly type: string
  readonly kind: 'schema' | 'event' | 'feature'
  readonly isProtected: boolean
  /** Whether its name, type, description or classification names a person. */
  readonly isIdentifier: boolean
  readonly isNew: boolean
  readonly scopes: readonly string[]
  readonly purposes: readonly string[]
  readonly consumers: readonly string[]
  readonly tags: readonly string[]
  readonly classification: string
  readonly owner: string
  readonly disposition: string
}

/** The words a rule may use; one that uses others is refused before it is asked anything. */
const SCHEMA = `namespace Assent {
  entity Subgraph = { name: String };
  entity Field = {
    coordinate: String, name: String, parent: String, type: String, kind: String,
    isProtected: Bool, isIdentifier: Bool, isNew: Bool,
    scopes: Set<String>, purposes: Set<String>, consumers: Set<String>, tags: Set<String>,
    classification: String, owner: String, disposition: String
  };
  action declare appliesTo { principal: [Subgraph], resource: [Field] };
}`

export interface Rule {
  readonly id: string
  readonly owner: string
  /** What the rule says to who breaks it. */
  readonly says: string
  readonly text: string
  readonly source: Place
}

export interface RuleFault {
  readonly source: Place
  readonly message: string
}

export interface Rules {
  readonly rules: readonly Rule[]
  readonly faults: readonly RuleFault[]
  /** Ids of rules that forbid it, and of rules that could not be decided. */
  readonly judge: (subject: Subject) => {
    readonly broken: readonly string[]
    readonly erred: readonly string[]
  }
}

interface RuleText {
  readonly file: string
  readonly text: string
}

/** Rules of the house in Cedar 4: what no `forbid` names is allowed. `@id`, `@owner` and `@message` are read. */
export const readRules = async (files: readonly RuleText[]): Promise<Rules> => {
  // Thirteen megabytes that are only loaded where there are rules.
  const cedar = await import('@cedar-policy/cedar-wasm/nodejs')
  const read = files.map((file) => partsOf(cedar, file))
  const rules = read.flatMap((one) => one.rules)
  const policies = Object.fromEntries(rules.map(({ id, text }) => [id, text]))
  const checked = cedar.validate({
    schema: SCHEMA,
    policies: { staticPolicies: policies },
    validationSettings: { mode: 'strict' },
  })
  const faults = [...read.flatMap((one) => one.faults), ...twice(rules), ...invalid(checked, rules)]
  if (faults.length > 0 || rules.length === 0)
    return { rules, faults, judge: () => ({ broken: [], erred: [] }) }
  const [preparsedSchemaName, preparsedPolicySetId] = [randomUUID(), randomUUID()]
  cedar.preparseSchema(preparsedSchemaName, SCHEMA)
  cedar.preparsePolicySet(preparsedPolicySetId, {
    staticPolicies: { ...policies, [ALLOWED]: 'permit(principal, action, resource);' },
  })
  return {
    rules,
    faults,
    judge: (subject) =>
      verdictOf(
        cedar.statefulIsAuthorized({
          ...asked(subject),
          preparsedSchemaName,
          preparsedPolicySetId,
          validateRequest: true,
        }),
        rules,
      ),
  }
}

const ALLOWED = 'what no rule forbids'

type Cedar = typeof CedarEngine

const partsOf = (cedar: Cedar, { file, text }: RuleText): { rules: Rule[]; faults: RuleFault[] } => {
  const parts = cedar.policySetTextToParts(text)
  if (parts.type === 'failure')
    return {
      rules: [],
      faults: parts.errors.map((error) => ({
        source: placeIn(file, text, error),
        message: sentenceOf(error),
      })),
    }
  const rules = parts.policies.map((policy, index): Rule => {
    const json = cedar.policyToJson(policy)
    const { id, owner, message } = (json.type === 'success' ? json.json.annotations : undefined) ?? {}
    const source = placeOf(file, text, policy)
    return { id: id ?? `${file}#${index + 1}`, owner: owner ?? '', says: message ?? '', text: policy, source }
  })
  const templates = parts.policy_templates.map((policy) => ({
    source: placeOf(file, text, policy),
    message: 'A template is never linked here.',
  }))
  return { rules, faults: templates }
}

const placeIn = (file: string, text: string, { sourceLocations }: DetailedError): Place => {
  const start = sourceLocations?.[0]?.start ?? 0
  const before = text.slice(0, start).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

const placeOf = (file: string, text: string, policy: string): Place => {
  const before = text.slice(0, Math.max(0, text.indexOf(policy.trim()))).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

const twice = (rules: readonly Rule[]): RuleFault[] =>
  rules
    .filter(({ id }, index) => rules.findIndex((one) => one.id === id) !== index)
    .map(({ id, source }) => ({ source, message: `Two rules have the id ${id}.` }))

/** A warning is a rule that can never apply, or a name that only looks like another. */
const invalid = (checked: ReturnType<Cedar['validate']>, rules: readonly Rule[]): RuleFault[] => {
  if (checked.type === 'failure')
    return checked.errors.map((error) => ({
      source: rules[0]?.source ?? { file: '', line: 1, column: 1 },
      message: sentenceOf(error),
    }))
  return [...checked.validationErrors, ...checked.validationWarnings].map(({ policyId, error }) => ({
    source: rules.find(({ id }) => id === policyId)?.source ?? { file: '', line: 1, column: 1 },
    message: `${policyId}: ${sentenceOf(error)}`,
  }))
}

const sentenceOf = ({ message, help }: DetailedError): string =>
  help === null ? message : `${message} (${help})`

const asked = ({ declaredBy, ...attributes }: Subject) => {
  const principal = { type: 'Assent::Subgraph', id: declaredBy }
  const resource = { type: 'Assent::Field', id: attributes.coordinate }
  const sets = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      Array.isArray(value) ? [...value] : (value as string | boolean),
    ]),
  )
  return {
    principal,
    action: { type: 'Assent::Action', id: 'declare' },
    resource,
    context: {},
    entities: [
      { uid: principal, attrs: { name: declaredBy }, parents: [] },
      { uid: resource, attrs: sets, parents: [] },
    ],
  }
}

/**
 * The engine skips a policy that errs, so a `forbid` that errs would let through what it forbids (Cedar, "Authorization",
 * error handling): it is told as one that could not be decided, and blocks.
 */
const verdictOf = (
  answer: ReturnType<Cedar['statefulIsAuthorized']>,
  rules: readonly Rule[],
): { broken: readonly string[]; erred: readonly string[] } => {
  if (answer.type === 'failure') return { broken: [], erred: rules.map(({ id }) => id) }
  const { decision, diagnostics } = answer.response
  return {
    broken: decision === 'allow' ? [] : diagnostics.reason,
    erred: diagnostics.errors.map(({ policyId }) => policyId),
  }
}
