import type { RequestWatch } from './request-watch.ts'

/**
 * What is told of one event of a stream, or of one part of an answer: what the fence did and what was withheld. It has been
 * planned before, its ports are those of the stream, and the phases of a request are not its own.
 */
export const watchPart = (watch: RequestWatch | undefined): RequestWatch | undefined =>
  watch && {
    phase: () => undefined,
    planned: () => undefined,
    ports: (ports) => ports,
    fence: (fence, ledger) => watch.fence(fence, ledger),
    withheld: (lines) => watch.withheld(lines),
  }
