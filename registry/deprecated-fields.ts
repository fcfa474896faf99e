import { Kind, parse, valueFromASTUntyped, visit } from 'graphql'

/** Coordinates of a supergraph that are there, and the reasons of those that are deprecated. */
export const fieldsOf = (
  supergraph: string,
): { readonly all: ReadonlySet<string>; readonly deprecated: ReadonlyMap<string, string> } => {
  const all = new Set<string>()
  const deprecated = new Map<string, string>()
  for (const node of parse(supergraph, { noLocation: true }).definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    visit(node, {
      FieldDefinition(field) {
        const coordinate = `${node.name.value}.${field.name.value}`
        all.add(coordinate)
        const application = field.directives?.find(({ name }) => name.value === 'deprecated')
        if (application === undefined) return
        const reason = application.arguments?.find(({ name }) => name.value === 'reason')
        deprecated.set(coordinate, reason === undefined ? '' : String(valueFromASTUntyped(reason.value)))
      },
    })
  }
  return { all, deprecated }
}
