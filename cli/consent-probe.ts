import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Command, InvalidArgumentError } from 'commander'
import { consentService, type ServiceFlags } from './consent-service.ts'
import { EXIT } from './exit-code.ts'
import { keepProbing } from './keep-probing.ts'
import { type ConsumerKind, createProbeFigures, ONLINE, type ProbeFigures } from './probe-figures.ts'
import type { Probing } from './probe-round.ts'
import { configOption } from './read-settings.ts'
import { table } from './table.ts'
import { untilStopped } from './until-stopped.ts'
import { wholeNumber } from './whole-number.ts'

interface ProbeFlags extends Omit<ServiceFlags, 'url'> {
  readonly gateway: readonly string[]
  readonly subject: readonly string[]
  readonly scope: string
  readonly field: readonly string[]
  readonly consent?: string
  readonly seconds: number
  readonly maxOnlineMs: number
  readonly maxAllMs: number
  readonly token?: string
  readonly metricsPort?: number
}

export const consentProbeCommand = (): Command =>
  new Command('probe')
    .description(
      'Gives and withdraws the consent of canaries all the time, and measures until everybody knows. Exits with 1 when that takes too long or fails, or when a value is shown whose withdrawal is in force.',
    )
    .requiredOption('--gateway <url...>', 'every gateway that is watched')
    .requiredOption('--subject <pid...>', 'canaries: people made up for this, with an e-mail address')
    .option('--scope <scope>', 'what is consented to', 'crm_contact')
    .option(
      '--field <path>',
      'what of a canary is looked at; one that the scope allows, and that the canary has: features.planTier for personalization',
      fieldPath,
      ['email'],
    )
    .addOption(configOption())
    .option(
      '--data <directory>',
      'also watch the consumers of changes, at the service that runs on this data',
    )
    .option('--consent <url>', 'the same, at the service with this address')
    .option('--seconds <number>', 'how long; 0: until it is stopped', wholeNumber, 10)
    .option('--max-online-ms <number>', 'p99 of what a person waits for', wholeNumber, 1_000)
    .option('--max-all-ms <number>', 'p99 of everything', wholeNumber, 300_000)
    .option(
      '--token <token>',
      'ask with this bearer token; without it as each canary (development gateways only)',
    )
    .option('--metrics-port <port>', 'serve the figures for Prometheus here', wholeNumber)
    .action(probe)

const fieldPath = (written: string): readonly string[] => {
  const names = written.split('.')
  if (!names.every((name) => /^[A-Za-z_]\w*$/.test(name)))
    throw new InvalidArgumentError('write names of fields with dots between them.')
  return names
}

const probe = async (flags: ProbeFlags): Promise<void> => {
  const figures = createProbeFigures()
  const metrics = flags.metricsPort === undefined ? null : await served(figures, flags.metricsPort)
  if (metrics !== null) console.log(`Metrics: ${metrics.url}`)
  const probing: Probing = {
    gateways: flags.gateway,
    scope: flags.scope,
    field: flags.field,
    headers: (subject) =>
      flags.token === undefined ? { 'x-assent-actor': subject } : { authorization: `Bearer ${flags.token}` },
    toldUpTo: toldBy(flags),
    mostMs: Math.min(flags.maxAllMs, LONGEST_ONLINE_MS),
    mostToldMs: flags.maxAllMs,
    figures,
  }
  try {
    const isOver = overAfter(flags.seconds)
    const tell = (sentence: string): void => console.error(sentence)
    await Promise.all(flags.subject.map((subject) => keepProbing(subject, { probing, isOver, tell })))
  } finally {
    metrics?.close()
  }
  judge(figures, flags)
}

/** A gateway that shows nothing new for so long has failed, whatever is allowed to the consumers of changes. */
const LONGEST_ONLINE_MS = 30_000

const overAfter = (seconds: number): (() => boolean) => {
  const end = seconds === 0 ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1_000
  let isStopped = false
  if (seconds === 0) void untilStopped().then(() => (isStopped = true))
  return () => isStopped || performance.now() >= end
}

const judge = (figures: ProbeFigures, { maxOnlineMs, maxAllMs }: ProbeFlags): void => {
  const rows = figures.rows()
  const over = rows.filter(({ path, p99 }) => p99 > (ONLINE.has(path) ? maxOnlineMs : maxAllMs))
  console.log(
    table([
      ['PATH', 'TIMES', 'P50 MS', 'P99 MS'],
      ...rows.map(({ path, count, p50, p99 }) => [path, String(count), String(p50), String(p99)]),
    ]),
  )
  for (const { path, p99 } of over) console.error(`${path}: p99 of ${p99} ms is too long.`)
  if (figures.staleReads > 0)
    console.error(`${figures.staleReads} values were shown although their withdrawal was in force.`)
  if (figures.failures > 0) console.error(`${figures.failures} rounds failed.`)
  const isBad = over.length > 0 || figures.staleReads > 0 || figures.failures > 0 || rows.length === 0
  if (isBad) process.exitCode = EXIT.failed
}

const toldBy = ({ config, data, consent }: ProbeFlags): Probing['toldUpTo'] => {
  if (data === undefined && consent === undefined) return null
  const ask = consentService({
    ...(config !== undefined && { config }),
    ...(data !== undefined && { data }),
    ...(consent !== undefined && { url: consent }),
  })
  return async () => {
    const { consumers } = (await ask('GET', '/consumers')) as {
      consumers: readonly { kind: ConsumerKind; position: string }[]
    }
    const slowest = new Map<ConsumerKind, number>()
    for (const { kind, position } of consumers)
      slowest.set(kind, Math.min(Number(position), slowest.get(kind) ?? Number.POSITIVE_INFINITY))
    return slowest
  }
}

const served = async (
  figures: ProbeFigures,
  port: number,
): Promise<{ readonly url: string; close(): void }> => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8').end(figures.text())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: chosen } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${chosen}/metrics`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
