import type { RuleContext } from './rule-context.ts'
import type { Application, FieldView, SubgraphDocument, TypeView } from './subgraph-document.ts'
import type { Violation } from './violation.ts'

/** A field where one subgraph declares it. */
export interface FieldPlace {
  readonly subgraph: SubgraphDocument
  readonly type: TypeView
  readonly field: FieldView
  readonly coordinate: string
}

export const fieldPlaces = (context: RuleContext): readonly FieldPlace[] => {
  const known = places.get(context) ?? readFieldPlaces(context)
  places.set(context, known)
  return known
}

/** Every rule walks them, some more than once. */
const places = new WeakMap<RuleContext, readonly FieldPlace[]>()

const readFieldPlaces = ({ subgraphs }: RuleContext): FieldPlace[] =>
  subgraphs.flatMap((subgraph) =>
    [...subgraph.types.values()].flatMap((type) =>
      [...type.fields.values()].map((field) => ({
        subgraph,
        type,
        field,
        coordinate: `${type.name}.${field.name}`,
      })),
    ),
  )

export interface TypePlace {
  readonly subgraph: SubgraphDocument
  readonly type: TypeView
}

export const typePlaces = ({ subgraphs }: RuleContext): TypePlace[] =>
  subgraphs.flatMap((subgraph) => [...subgraph.types.values()].map((type) => ({ subgraph, type })))

/** Every `@requiresScope` where it is written. */
export const applicationPlaces = (
  context: RuleContext,
): { subgraph: SubgraphDocument; coordinate: string; application: Application }[] => [
  ...typePlaces(context)
    .filter(({ type }) => type.requirements.length > 0)
    .flatMap(({ subgraph, type }) =>
      type.requirements.map((application) => ({ subgraph, coordinate: type.name, application })),
    ),
  ...fieldPlaces(context)
    .filter(({ field }) => field.requirements.length > 0)
    .flatMap(({ subgraph, field, coordinate }) =>
      field.requirements.map((application) => ({ subgraph, coordinate, application })),
    ),
]

/** What a violation at a field has in common whatever the rule. */
export const at = ({
  subgraph,
  field,
  coordinate,
}: FieldPlace): Pick<Violation, 'subgraph' | 'coordinate' | 'line'> => ({
  subgraph: subgraph.name,
  coordinate,
  line: field.line,
})

export const atType = ({
  subgraph,
  type,
}: TypePlace): Pick<Violation, 'subgraph' | 'coordinate' | 'line'> => ({
  subgraph: subgraph.name,
  coordinate: type.name,
  line: type.line,
})
