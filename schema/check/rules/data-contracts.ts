import type { DataContract } from '../../../directives/data-contract.ts'
import type { Check, CheckContext } from '../check-context.ts'
import { type Terms, termChanges } from '../compare-terms.ts'
import { at, contractAt, contractOn } from '../places.ts'
import type { Told } from '../tell.ts'

/** The terms of `@dataContract` are what people were told (GDPR Art. 5(1)(b) and (e), 13, 30): they are held against them. */
export const dataContracts: Check = (context) => {
  const { base, head } = context
  return [...head.declared.keys()]
    .filter((coordinate) => base.declared.has(coordinate))
    .flatMap((coordinate) => {
      const own = contractOn(head, coordinate)
      const earlier = contractOn(base, coordinate)
      // What is said of a type is told at the type.
      if (own === null && earlier === null) return []
      const [before, after] = [contractAt(base, coordinate), contractAt(head, coordinate)]
      return before === null ? added(context, coordinate) : changed(context, coordinate, { before, after })
    })
}

const added = (context: CheckContext, coordinate: string): Told[] => [
  { ...at(context, coordinate), code: 'CONTRACT_ADDED' },
]

/** That a contract is gone is told where missing ones are. */
const changed = (
  context: CheckContext,
  coordinate: string,
  { before, after }: { readonly before: DataContract; readonly after: DataContract | null },
): Told[] =>
  after === null
    ? []
    : termChanges(termsOf(before), termsOf(after)).map((change) => ({
        ...at(context, coordinate),
        ...change,
      }))

const termsOf = (contract: DataContract): Terms => contract
