import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type * as CedarEngine from '@cedar-policy/cedar-wasm/nodejs'
import type { AuthorizationAnswer, DetailedError } from '@cedar-policy/cedar-wasm/nodejs'
import { CodedFailure } from '../../coded-failure.ts'
import type { Authority, Question, Ruling } from './authority.ts'

/** What holds where no policies are named. */
export const defaultPolicies = (): string =>
  readFileSync(new URL('./default-policies.cedar', import.meta.url), 'utf8')

/**
 * Policies in Cedar 4, checked against the words they may use (strict validation) before anybody is asked about. Throws
 * `REIDENTIFICATION_POLICY_INVALID` with every fault.
 */
export async function createCedarAuthority(text: string): Promise<Authority> {
  // Thirteen megabytes that are only loaded where somebody may ask.
  const cedar = await import('@cedar-policy/cedar-wasm/nodejs')
  const schema = readFileSync(new URL('./authority.cedarschema', import.meta.url), 'utf8')
  const staticPolicies = namedPolicies(text, cedar)
  const checked = cedar.validate({
    schema,
    policies: { staticPolicies },
    validationSettings: { mode: 'strict' },
  })
  if (checked.type === 'failure') throw invalid(checked.errors.map(sentenceOf))
  // A warning is a policy that can never apply, or a name that only looks like another.
  const doubts = [...checked.validationErrors, ...checked.validationWarnings]
  if (doubts.length > 0)
    throw invalid(doubts.map(({ policyId, error }) => `${policyId}: ${sentenceOf(error)}`))
  const [preparsedSchemaName, preparsedPolicySetId] = [randomUUID(), randomUUID()]
  cedar.preparseSchema(preparsedSchemaName, schema)
  cedar.preparsePolicySet(preparsedPolicySetId, { staticPolicies })
  return {
    rule: (question) =>
      rulingOf(
        cedar.statefulIsAuthorized({
          ...asked(question),
          preparsedSchemaName,
          preparsedPolicySetId,
          validateRequest: true,
        }),
      ),
  }
}

type Cedar = Pick<typeof CedarEngine, 'policySetTextToParts' | 'policyToJson'>

/** By their `@id`, which the engine itself would leave aside; one without is named by its place. */
function namedPolicies(text: string, cedar: Cedar): Record<string, string> {
  const parts = cedar.policySetTextToParts(text)
  if (parts.type === 'failure') throw invalid(parts.errors.map(sentenceOf))
  if (parts.policy_templates.length > 0) throw invalid(['a template is never linked here'])
  if (parts.policies.length === 0) throw invalid(['there is no policy in it'])
  const policies: Record<string, string> = Object.create(null)
  for (const [index, policy] of parts.policies.entries()) {
    const read = cedar.policyToJson(policy)
    const name =
      (read.type === 'success' ? read.json.annotations?.['id'] : undefined) ?? `policy ${index + 1}`
    if (policies[name] !== undefined) throw invalid([`two policies have the id ${name}`])
    policies[name] = policy
  }
  return policies
}

function asked({ action, person, roles, request, purpose, client }: Question) {
  const staff = (id: string) => ({ type: 'Assent::Staff', id })
  const resource =
    request === null
      ? { type: 'Assent::Trail', id: 'trail' }
      : { type: 'Assent::Reidentification', id: request.id }
  const role = (id: string) => ({ type: 'Assent::Role', id })
  const others = new Set(request === null ? [] : [request.requester, ...request.approvers])
  others.delete(person)
  return {
    principal: staff(person),
    action: { type: 'Assent::Action', id: action },
    resource,
    context: { purpose, client },
    entities: [
      { uid: staff(person), attrs: {}, parents: roles.map(role) },
      ...[...others].map((other) => ({ uid: staff(other), attrs: {}, parents: [] })),
      ...roles.map((each) => ({ uid: role(each), attrs: {}, parents: [] })),
      {
        uid: resource,
        attrs: (request === null
          ? {}
          : {
              requester: { __entity: staff(request.requester) },
              approvers: request.approvers.map((approver) => ({ __entity: staff(approver) })),
              fields: [...request.fields],
              ticket: request.ticket,
            }) as Record<string, string | string[]>,
        parents: [],
      },
    ],
  }
}

/**
 * The engine skips a policy that errs, so a `forbid` that errs would let through what it forbids (Cedar, "Authorization",
 * error handling): any error is a no.
 */
function rulingOf(answer: AuthorizationAnswer): Ruling {
  if (answer.type === 'failure') return { isAllowed: false, policies: [] }
  const { decision, diagnostics } = answer.response
  const isAllowed = decision === 'allow' && diagnostics.errors.length === 0
  const policies =
    diagnostics.errors.length === 0 ? diagnostics.reason : diagnostics.errors.map(({ policyId }) => policyId)
  return { isAllowed, policies }
}

const sentenceOf = ({ message, help }: DetailedError): string =>
  help === null ? message : `${message} (${help})`

const invalid = (faults: readonly string[]): CodedFailure =>
  new CodedFailure('REIDENTIFICATION_POLICY_INVALID', faults.join('; '))
