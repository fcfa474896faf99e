import type { DocumentNode } from 'graphql'
import { fieldPairs } from './field-pairs.ts'
import type { LimitName, Limits } from './limits.ts'
import { type DocumentMeasure, measureDocument, type OperationMeasure } from './measure-document.ts'
import { refuseAbove } from './refuse-above.ts'

/** Refuses a document of which anything is more than its limit, whichever of its operations is meant. */
export const checkDocument = (document: DocumentNode, limits: Limits): DocumentMeasure => {
  const measure = measureDocument(document)
  if (passed.get(measure) === limits) return measure
  refuseAbove(limits, 'tokens', measure.tokens)
  refuseAbove(limits, 'operations', measure.operations.length)
  for (const name of ONCE) refuseAbove(limits, name, measure[name])
  for (const operation of measure.operations)
    for (const name of PER_OPERATION) refuseAbove(limits, name, operation[name])
  // Only now is it known that they can be counted in no time.
  for (const { node } of measure.operations) refuseAbove(limits, 'fieldPairs', fieldPairs(node, document))
  passed.set(measure, limits)
  return measure
}

const ONCE = ['fragments', 'directives', 'directivesPerElement', 'inputDepth'] as const satisfies LimitName[]

/** The depth first: of a document that is too much in many ways it is what its author understands best. */
const PER_OPERATION = [
  'depth',
  'aliases',
  'rootFields',
  'selections',
  'variables',
] as const satisfies (LimitName & keyof OperationMeasure)[]

/** The limits that a document was last found within; most documents are asked by clients with the same. */
const passed = new WeakMap<DocumentMeasure, Limits>()
