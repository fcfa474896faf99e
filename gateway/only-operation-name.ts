import { Kind, parse } from 'graphql'

/** The name of the one operation of a document. A document that does not parse has none; the door reports why. */
export const onlyOperationName = (document: string): string | undefined => {
  try {
    const { definitions } = parse(document, { noLocation: true, maxTokens: 20_000 })
    const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    return operations.length === 1 ? operations[0]?.name?.value : undefined
  } catch {
    return undefined
  }
}
