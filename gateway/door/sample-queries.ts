/** Three queries to begin with: shown as tabs of GraphiQL and printed by `assent start`. */
export interface SampleQuery {
  readonly title: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: string
}

export const SAMPLE_QUERIES: readonly SampleQuery[] = [
  {
    title: 'One list, many people, each answered within their own consent',
    headers: {},
    query: `query Customers {
  customers(first: 50) {
    nodes {
      pid
      displayName
      email
      features { sessionDuration lastPurchase planTier preferredLanguage }
      recommendations(first: 3) { title }
    }
  }
}`,
  },
  {
    title: 'The same people, with what was sent to each subgraph',
    headers: { 'x-assent-show': 'sent' },
    query: `query Sent {
  customers(first: 10) {
    nodes { pid displayName email features { sessionDuration planTier } }
  }
}`,
  },
  {
    title: 'Another client with another purpose: other fields of the same people',
    headers: { 'x-assent-client': 'campaigns', 'x-assent-purpose': 'marketing' },
    query: `query Campaign {
  customers(first: 20) {
    nodes { pid email features { lastPurchase preferredLanguage } recommendations(first: 3) { title } }
  }
}`,
  },
]
