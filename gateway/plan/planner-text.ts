import { Kind, type OperationDefinitionNode, print, visit } from 'graphql'

/**
 * An operation as text that the planner reads as it is meant: its parser takes the escape `\b` for U+0010 instead of the
 * backspace U+0008 (GraphQL specification, §2.9.4 "String Value"), so a backspace is written by its number.
 */
export const plannerText = (operation: OperationDefinitionNode): string => {
  const text = print(operation)
  if (!text.includes('\\b') && !text.includes(BACKSPACE)) return text
  let stand = STAND_IN
  while (text.includes(stand)) stand += STAND_IN
  const marked = visit(operation, {
    [Kind.STRING]: (node) =>
      node.value.includes(BACKSPACE)
        ? { ...node, block: false, value: node.value.replaceAll(BACKSPACE, stand) }
        : undefined,
  })
  return print(marked).replaceAll(stand, String.raw`\u0008`)
}

const BACKSPACE = '\b'
/** Of the private use area: means nothing to anybody. */
const STAND_IN = '\uE008'
