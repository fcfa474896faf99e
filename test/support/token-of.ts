import type { Pseudonymizer, TokenKind } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'

/** The token that one value is kept as; empty when it cannot be of its kind. */
export const tokenOf = async (
  pseudonymizer: Pseudonymizer,
  kind: TokenKind,
  value: string,
  region = '',
): Promise<string> => {
  const [tokens] = await pseudonymizer.tokens([{ kind, value, region }])
  return tokens?.written[0] ?? ''
}
