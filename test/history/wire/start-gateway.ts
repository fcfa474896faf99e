import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OwnProcess, startProcess } from './own-process.ts'
import { personGraphAt } from './person-graph.ts'

export const SECRET = 'a secret that gateways and subgraphs of a test share'

export interface GatewayPlace {
  /** Where its subgraphs are, and its consent service. */
  readonly subgraphsPort: number
  readonly consentPort: number
  readonly before?: readonly URL[]
}

/** As in production: nothing protected without a lease. */
export const leasedSettings = (
  consentPort: number,
  decisionLogFile: string,
): Readonly<Record<string, string>> => ({
  port: '0',
  profile: 'development',
  logLevel: 'silent',
  clients: fileURLToPath(new URL('../../../clients', import.meta.url)),
  decisionLogFile,
  grantSecret: SECRET,
  consentUrl: `http://127.0.0.1:${consentPort}/graphql`,
  consentLeases: 'required',
  subgraphTimeoutMs: '5000',
})

/** A gateway in a process of its own: it can be stopped and killed. */
export const startGatewayProcess = async ({
  subgraphsPort,
  consentPort,
  before = [],
}: GatewayPlace): Promise<OwnProcess> => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-gateway-'))
  const supergraph = join(directory, 'supergraph.graphql')
  writeFileSync(supergraph, personGraphAt(`http://127.0.0.1:${subgraphsPort}`))
  const settings = leasedSettings(consentPort, join(directory, 'decisions.jsonl'))
  const gateway = await startProcess({
    file: new URL('./gateway-program.ts', import.meta.url),
    args: [supergraph, JSON.stringify(settings)],
    before,
  })
  return {
    ...gateway,
    async kill() {
      await gateway.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
