import type { Resolvers, SubgraphContext } from '../serve.ts'
import type { FieldOutcome, FieldTaken } from './graph/decision.ts'
import type { IdentityLoaders } from './identity-loaders.ts'
import { refIn } from './show-decisions.ts'

type Loaders = SubgraphContext<IdentityLoaders>['loaders']

/** What a decision did with the fields of people; it names records by number, which are looked up for who asks. */
export const decisionFields: Resolvers<IdentityLoaders> = {
  MergeDecision: {
    fields: ({ fields }: { readonly fields: readonly FieldOutcome[] | null }, _, { loaders }) =>
      shown(fields, async ({ field, rule, won, lost }) => ({
        field,
        rule,
        won: await recordAt(won, loaders),
        lost: lost === null ? null : await recordAt(lost, loaders),
      })),
  },
  UnmergeDecision: {
    fields: ({ fields }: { readonly fields: readonly FieldTaken[] | null }, _, { loaders }) =>
      shown(fields, async ({ field, rule, person, record }) => ({
        field,
        rule,
        person: await recordAt(person, loaders),
        record: await recordAt(record, loaders),
      })),
  },
}

const shown = async <T>(
  fields: readonly T[] | null,
  show: (field: T) => Promise<object>,
): Promise<readonly object[] | null> => (fields === null ? null : Promise.all(fields.map(show)))

async function recordAt(id: number, { nodes }: Loaders): Promise<object> {
  const node = await nodes.load(id)
  return refIn(new Map(node === null ? [] : [[id, node]]), id)
}
