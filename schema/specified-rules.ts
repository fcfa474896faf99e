import type { RuleContext } from './rule-context.ts'
import { accessListNotEmpty } from './rules/access-list-not-empty.ts'
import { anonymousNeedsOneKey } from './rules/anonymous-needs-one-key.ts'
import { eachSubgraphSaysItsProtection } from './rules/each-subgraph-says-its-protection.ts'
import { inputCarriesItsScopes } from './rules/input-carries-its-scopes.ts'
import { interfaceSaysWhatImplementersSay } from './rules/interface-says-what-implementers-say.ts'
import { protectedFieldHasOneSubject } from './rules/protected-field-has-one-subject.ts'
import { protectedFieldIsNotAKey } from './rules/protected-field-is-not-a-key.ts'
import { scopeIsKnown } from './rules/scope-is-known.ts'
import { scopeListNotEmpty } from './rules/scope-list-not-empty.ts'
import { subjectHasResolvableKey } from './rules/subject-has-resolvable-key.ts'
import { subjectKeyNamesOnePerson } from './rules/subject-key-names-one-person.ts'
import { withheldValueMayBeNull } from './rules/withheld-value-may-be-null.ts'
import type { Violation } from './violation.ts'

export type Rule = (context: RuleContext) => Violation[]

/** Every consent rule, in the order its violations are reported: words first, then people, then consequences. */
export const specifiedRules: readonly Rule[] = Object.freeze([
  accessListNotEmpty,
  scopeListNotEmpty,
  scopeIsKnown,
  subjectKeyNamesOnePerson,
  subjectHasResolvableKey,
  protectedFieldHasOneSubject,
  protectedFieldIsNotAKey,
  interfaceSaysWhatImplementersSay,
  inputCarriesItsScopes,
  anonymousNeedsOneKey,
  withheldValueMayBeNull,
  eachSubgraphSaysItsProtection,
])
