import { DATA_CONTRACT, dataContractDefinition } from './data-contract.ts'
import { DATA_SUBJECT, dataSubjectDefinition } from './data-subject.ts'
import { REQUIRES_SCOPE, requiresScopeDefinition, requiresScopeTypes } from './requires-scope.ts'

/** An identifier in the manner of the link specification: nothing is ever fetched from it. */
export const CONSENT_IDENTITY = 'https://assent.example/consent'
export const CONSENT_VERSION = { major: 1, minor: 0 } as const
export const CONSENT_URL = `${CONSENT_IDENTITY}/v${CONSENT_VERSION.major}.${CONSENT_VERSION.minor}`

/** The words, in the order they are documented. A directive that is not in this list does not exist. */
export const specifiedDirectives = Object.freeze([
  Object.freeze({ name: REQUIRES_SCOPE, definition: requiresScopeDefinition }),
  Object.freeze({ name: DATA_SUBJECT, definition: dataSubjectDefinition }),
  Object.freeze({ name: DATA_CONTRACT, definition: dataContractDefinition }),
])

/** Types the definitions need; always under their namespaced names. */
export const specifiedTypes: readonly string[] = Object.freeze(['consent__Scope', 'consent__Otherwise'])

export const consentDefinitions = [
  ...specifiedDirectives.map(({ definition }) => definition),
  requiresScopeTypes,
].join('\n\n')

/** The one line a schema needs, made from the list. */
export const consentLink = `@link(url: "${CONSENT_URL}", import: [${specifiedDirectives.map(({ name }) => `"@${name}"`).join(', ')}])`
