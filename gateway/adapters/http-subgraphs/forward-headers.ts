import { isHeaderValue } from '../../header-rules.ts'
import type { HeaderRules } from '../../header-rules.ts'
import type { IncomingHeaders } from '../../ports.ts'
import type { HeaderLines } from './connections.ts'

/** What one subgraph gets of the headers of a client's request, and what it always gets. */
export type ForwardHeaders = (incoming: IncomingHeaders) => HeaderLines

/** The rule for all first, then what the subgraph's own rule takes away, then what it adds; the last to name a header wins. */
export const createForwardHeaders = ({ all, subgraphs }: HeaderRules, subgraph: string): ForwardHeaders => {
  const own = subgraphs.get(subgraph)
  const sources = new Map<string, Source>()
  for (const rule of own === undefined ? [all] : [all, own]) {
    for (const name of rule.remove) sources.delete(name)
    for (const [name, from] of rule.propagate) sources.set(name, { from })
    for (const [name, value] of rule.insert) sources.set(name, { value })
  }
  if (sources.size === 0) return () => NONE
  return (incoming) => {
    const lines: string[] = []
    for (const [name, source] of sources) {
      const value = 'value' in source ? source.value : incoming(source.from)
      if (value !== undefined && isHeaderValue(value)) lines.push(name, value)
    }
    return lines
  }
}

type Source = { readonly from: string } | { readonly value: string }

const NONE: HeaderLines = []
