import { type ConstDirectiveNode, Kind, parse, type SelectionSetNode } from 'graphql'

/**
 * `@dataSubject(key:)` marks the types that belong to a person (GDPR Art. 4(1)); the key is a federation field set with
 * exactly one leaf that names the person: `pid`, or `customer { pid }` on what belongs to somebody else's record.
 * On an interface it speaks for every type that implements it. The subject of a field is the nearest enclosing one.
 */
export const DATA_SUBJECT = 'dataSubject'

export const dataSubjectDefinition = 'directive @dataSubject(key: String!) on OBJECT | INTERFACE'

/** The key as written, or null when the definition carries no `@dataSubject` with a text for a key. */
export const readDataSubject = (node: {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}): string | null => {
  const application = node.directives?.find((candidate) => candidate.name.value === DATA_SUBJECT)
  const key = application?.arguments?.find((argument) => argument.name.value === 'key')?.value
  return key?.kind === Kind.STRING ? key.value : null
}

/** The names from the type down to the leaf; null when the key is no field set or has not exactly one leaf. */
export const subjectKeyPath = (key: string): readonly string[] | null => {
  const path: string[] = []
  for (let set = selectionOf(key); set !== null;) {
    const [field, ...others] = set.selections
    if (field?.kind !== Kind.FIELD || others.length > 0 || !isPlain(field)) return null
    path.push(field.name.value)
    set = field.selectionSet ?? null
  }
  return path.length === 0 ? null : path
}

const isPlain = (field: {
  alias?: unknown
  arguments?: readonly unknown[] | undefined
  directives?: readonly unknown[] | undefined
}): boolean =>
  field.alias === undefined && (field.arguments ?? []).length === 0 && (field.directives ?? []).length === 0

const selectionOf = (key: string): SelectionSetNode | null => {
  try {
    const [definition] = parse(`{${key}}`, { noLocation: true }).definitions
    return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : null
  } catch {
    return null
  }
}
