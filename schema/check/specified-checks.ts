import type { Check } from './check-context.ts'
import { access } from './rules/access.ts'
import { addresses } from './rules/addresses.ts'
import { composition } from './rules/composition.ts'
import { dataContracts } from './rules/data-contracts.ts'
import { entityKeys } from './rules/entity-keys.ts'
import { exposure } from './rules/exposure.ts'
import { graph } from './rules/graph.ts'
import { houseRules } from './rules/house-rules.ts'
import { inputs } from './rules/inputs.ts'
import { missingTerms } from './rules/missing-terms.ts'
import { openWays } from './rules/open-ways.ts'
import { scopes } from './rules/scopes.ts'
import { subjects } from './rules/subjects.ts'
import { unclassified } from './rules/unclassified.ts'
import { windows } from './rules/windows.ts'
import { clients } from './rules/clients.ts'
import { events } from './rules/events.ts'
import { features } from './rules/features.ts'
import { meaning } from './rules/meaning.ts'
import { operations } from './rules/operations.ts'
import { policies } from './rules/policies.ts'
import { vocabulary } from './rules/vocabulary.ts'

/** Every check. What cannot be read is compared by none of them, and told by the first. */
export const specifiedChecks: readonly Check[] = Object.freeze([
  composition,
  graph,
  windows,
  entityKeys,
  scopes,
  access,
  addresses,
  subjects,
  dataContracts,
  missingTerms,
  exposure,
  openWays,
  inputs,
  unclassified,
  vocabulary,
  events,
  features,
  meaning,
  clients,
  operations,
  policies,
  houseRules,
])
