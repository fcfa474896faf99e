/** One line for whoever operates a subgraph. Carries names, codes and counts, never a value. */
export type Log = (event: Readonly<Record<string, unknown>>, sentence: string) => void
