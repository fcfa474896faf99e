import type { Logger } from 'pino'
import { type DecisionLogFile, openDecisionLogFile } from '../adapters/decision-log-file.ts'
import { createUseReports, type UseReports } from '../adapters/use-reports.ts'
import { vocabularyFromFile } from '../adapters/vocabulary-file.ts'
import { identifyAnyone } from '../caller/anyone.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { Config } from '../config.ts'
import { createPersistedDocuments } from '../door/persisted-documents.ts'
import type { PersistedDocuments } from '../door/persisted-documents.ts'
import { AssentError } from '../errors.ts'
import { openTelemetry, type Telemetry } from './open-telemetry.ts'
import type { PlannerProcessOptions } from '../plan/planner-process.ts'
import type { Clock, ConsentSource, DecisionLog } from '../ports.ts'
import type { HeardConsent } from './hearing-consent.ts'
import type { Identifying } from './create-identify.ts'
import { createLog } from './create-log.ts'
import { issuersOf } from './issuers-of.ts'
import { readSetFile } from './read-set-file.ts'
import { readTrustedDocuments } from '../trusted-documents.ts'
import type { TrustedDocuments } from '../trusted-documents.ts'

/** What lives as long as the process, whatever supergraph it serves. */
export interface ProcessParts {
  readonly config: Config
  readonly clock: Clock
  readonly log: Logger
  readonly vocabulary: Vocabulary
  readonly telemetry: Telemetry
  /** Where uses of deprecated fields are counted; absent where nobody is told of them. */
  readonly uses?: UseReports
  /** Another program in place of the planner's. */
  readonly plannerProgram?: PlannerProcessOptions['program']
  /** In place of the consent subgraph. */
  readonly consent?: ConsentSource
  readonly heardConsent: HeardConsent
  /** What clients have left under hashes outlives a supergraph. */
  readonly persisted: PersistedDocuments
  /** Contracts and keys are read at the first call that needs them. */
  identify(graph: GraphNeeds): Promise<Identifying>
  /** A graph without consent words decides nothing about anybody; the file is opened for the first that has some. */
  decisionLog(isFenced: boolean): Promise<DecisionLog>
  /** Resolves with what is worth telling at the end. */
  close(): Promise<{ readonly lostDecisionRecords: number }>
}

/** What a supergraph needs to know of its callers. */
export interface GraphNeeds {
  /** It has consent words: every caller has a contract and a purpose. */
  readonly isFenced: boolean
  /** It asks its callers who they are (`@authenticated`, `@requiresScopes`, `@policy`). */
  readonly asksCallers: boolean
}

export interface ProcessDependencies {
  readonly clock?: Clock
  readonly log?: Logger
  readonly plannerProgram?: PlannerProcessOptions['program']
  /** Asked in place of the consent subgraph. */
  readonly consent?: ConsentSource
}

export const openProcessParts = async (
  config: Config,
  { clock = Date.now, log = createLog(config), plannerProgram, consent }: ProcessDependencies,
): Promise<ProcessParts> => {
  const vocabulary = vocabularyFromFile(config.vocabulary)
  const telemetry = await openTelemetry(config, log)
  const uses = usesOf(config, log)
  let proving: Identifying | undefined
  let open: Identifying | undefined
  let decisions: DecisionLogFile | undefined
  return {
    config,
    clock,
    log,
    vocabulary,
    telemetry,
    ...(uses && { uses }),
    heardConsent: { yet: false },
    persisted: openPersisted(config),
    ...(plannerProgram && { plannerProgram }),
    ...(consent && { consent }),
    async identify({ isFenced, asksCallers }) {
      if (!isFenced && !asksCallers && issuersOf(config).length === 0)
        return { identify: identifyAnyone(config.profile), contracts: () => [] }
      const { createIdentify, createOpenIdentify } = await import('./create-identify.ts')
      if (!isFenced && asksCallers) return (open ??= createOpenIdentify(config, vocabulary, clock))
      return (proving ??= createIdentify(config, vocabulary, clock))
    },
    async decisionLog(isFenced) {
      if (!isFenced) return NOTHING_TO_RECORD
      const { decisionLogFile: file, decisionLogPolicy: policy } = config
      return (decisions ??= await openDecisionLogFile({ file, policy }))
    },
    async close() {
      await uses?.close()
      await decisions?.close()
      await telemetry.close()
      return { lostDecisionRecords: decisions?.lost() ?? 0 }
    },
  }
}

/** A registry that hands out the supergraph is told what of it is used, where it is asked to be. */
const usesOf = (config: Config, log: Logger): UseReports | null => {
  const {
    supergraph,
    supergraphReportUsesMs: everyMs,
    supergraphHeader: name,
    supergraphToken: value,
  } = config
  const url = /^(https?:\/\/.+\/tags\/[^/]+)\/supergraph$/.exec(supergraph ?? '')?.[1]
  if (everyMs === 0 || url === undefined) return null
  const header = value === null ? null : { name, value }
  const onTrouble = (): void =>
    log.warn({ url }, 'the registry does not take counts of deprecated fields; they are kept')
  return createUseReports({ url: `${url}/uses`, header, everyMs, onTrouble })
}

const NOTHING_TO_RECORD: DecisionLog = { write: () => Promise.resolve() }

const openPersisted = (config: Config): PersistedDocuments => {
  const { persistedManifest: manifest, persistedAutomatic: automatic, persistedMode: mode } = config
  return createPersistedDocuments({
    automatic,
    mode,
    trusted: manifest === null ? null : trustedIn(manifest),
  })
}

const trustedIn = (file: string): TrustedDocuments => {
  const { documents, faults } = readTrustedDocuments(readSetFile(file, 'persistedQueries.manifest'), file)
  if (faults.length > 0) throw new AssentError('DOCUMENTS_INVALID', file, { faults })
  return documents
}
