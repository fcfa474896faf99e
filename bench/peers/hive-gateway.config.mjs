// Both kinds of deduplication off: with them on, fifty identical requests are one.
export const gatewayConfig = {
  supergraph: process.env.SUPERGRAPH,
  host: '127.0.0.1',
  inboundInflightRequestDeduplication: false,
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
  graphiql: false,
  landingPage: false,
}
