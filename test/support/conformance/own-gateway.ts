import { readConfig } from '../../../gateway/config.ts'
import { startGateway } from '../../../gateway/server.ts'

export interface Asking {
  /** The GraphQL endpoint. */
  readonly url: string
  close(): Promise<void>
}

/** Our gateway in this process, as `assent gateway --supergraph` starts it. */
export const startOwnGateway = async (supergraph: string): Promise<Asking> => {
  const config = readConfig({ env: {}, overrides: { port: '0', logLevel: 'silent' } })
  const gateway = await startGateway(config, { supergraph })
  return { url: `${gateway.url}/graphql`, close: () => gateway.close() }
}
