import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../gateway/config.ts'
import { startGateway } from '../../gateway/server.ts'
import type { Register } from '../history/history.ts'
import { personGraphAt } from '../history/wire/person-graph.ts'
import { openRecordingSubgraphs } from '../history/wire/recording-subgraphs.ts'
import { leasedSettings, SECRET } from '../history/wire/start-gateway.ts'

export interface LeasedGateway {
  /** What was carried to subgraphs: people, under the scopes that were granted for them. */
  readonly carried: Register[]
  ask(fields: string, ids: readonly string[]): Promise<LeasedAnswer>
  /** Status, and the codes of what is not as it should be. */
  health(): Promise<readonly [number, string, readonly string[]]>
  close(): Promise<void>
}

export interface LeasedAnswer {
  readonly status: number
  readonly data: { readonly people: readonly Readonly<Record<string, string | null>>[] } | null | undefined
  /** As `coordinate reason count`. */
  readonly withheld: readonly string[]
  readonly errors: readonly string[]
  readonly ms: number
}

interface Answer extends Pick<LeasedAnswer, 'data'> {
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  readonly extensions?: {
    readonly consent?: {
      readonly withheld: readonly { coordinate: string; reason: string; count: number }[]
    }
  }
}

/** A gateway that answers nothing protected without a lease, before subgraphs that note what they are asked. */
export const openLeasedGateway = async (
  consentPort: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<LeasedGateway> => {
  const carried: Register[] = []
  const subgraphs = await openRecordingSubgraphs({
    secret: SECRET,
    onAnswered: (_port, people) => void carried.push(...people),
    onRefused: () => undefined,
  })
  const directory = mkdtempSync(join(tmpdir(), 'assent-leased-'))
  const overrides = { ...leasedSettings(consentPort, join(directory, 'decisions.jsonl')), ...settings }
  const gateway = await startGateway(readConfig({ env: {}, overrides }), {
    supergraph: personGraphAt(`http://127.0.0.1:${subgraphs.port}`),
  })
  return {
    carried,
    async ask(fields, ids) {
      const start = performance.now()
      const query = `query($ids: [ID!]!) { people(ids: $ids) { ${fields} } }`
      const answer = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { ids } }),
      })
      const { data, errors = [], extensions } = (await answer.json()) as Answer
      const withheld = extensions?.consent?.withheld ?? []
      return {
        status: answer.status,
        data,
        withheld: withheld.map(({ coordinate, reason, count }) => `${coordinate} ${reason} ${count}`),
        errors: errors.map(({ extensions: { code } }) => code),
        ms: performance.now() - start,
      }
    },
    async health() {
      const headers = { accept: 'application/json' }
      const response = await fetch(`${gateway.url}/health/ready`, { headers })
      const { status, reasons } = (await response.json()) as { status: string; reasons: { code: string }[] }
      return [response.status, status, reasons.map(({ code }) => code)]
    },
    async close() {
      await gateway.close()
      await subgraphs.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
