import { Command } from 'commander'
import { consentService, type ServiceFlags, withService } from './consent-service.ts'
import { EXIT } from './exit-code.ts'
import { table } from './table.ts'

interface ListedConsumer {
  readonly name: string
  readonly kind: string
  readonly position: string
  readonly behind: number
  readonly oldestMs: number | null
  readonly slaMs: number
  readonly escalated: number
  readonly retrying: number
  readonly state: string
}

export const consumersCommand = (): Command =>
  withService(new Command('consumers'))
    .description(
      'Lists who is told of changes of consent, and how far behind each is. Exits with 1 when one is late.',
    )
    .action(async (flags: ServiceFlags) => {
      const ask = consentService(flags)
      const { consumers } = (await ask('GET', '/consumers')) as { consumers: readonly ListedConsumer[] }
      if (consumers.length === 0) console.log('Nobody is told: `consent.consumers` is empty.')
      else console.log(table([HEAD, ...consumers.map(consumerRow)]))
      if (consumers.some(({ state }) => state === 'late' || state === 'gone')) process.exitCode = EXIT.failed
    })

const HEAD = ['CONSUMER', 'KIND', 'POSITION', 'LAG', 'OLDEST', 'SLA', 'RETRYING', 'ESCALATED', 'STATE']

const consumerRow = (consumer: ListedConsumer): readonly string[] => {
  const { name, kind, position, behind, oldestMs, slaMs, retrying, escalated, state } = consumer
  const oldest = oldestMs === null ? '-' : duration(oldestMs)
  return [
    name,
    kind,
    position,
    String(behind),
    oldest,
    duration(slaMs),
    String(retrying),
    String(escalated),
    state,
  ]
}

const duration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}

interface Traced {
  readonly change: Readonly<Record<string, string | null>>
  readonly consumers: readonly {
    readonly name: string
    readonly state: string
    readonly attempts: number | null
    readonly firstAt: string | null
    readonly acknowledgedAt: string | null
    readonly settledOn: string | null
    readonly reason: string | null
    readonly nextAt: string | null
  }[]
}

export const traceCommand = (): Command =>
  withService(new Command('trace'))
    .description(
      'Tells who brought a change about, through what, and when each consumer got and acknowledged it.',
    )
    .argument('<change>', 'its revision, or the id of its receipt')
    .action(async (change: string, flags: ServiceFlags) => {
      const found = await consentService(flags)('GET', `/trace/${encodeURIComponent(change)}`)
      console.log(traceText(found as Traced))
    })

const traceText = ({ change, consumers }: Traced): string => {
  const what = change['scope'] ?? 'the whole person'
  const facts = [
    ['revision', change['revision']],
    ['about', `${change['subject']}, ${what}`],
    ['said', `${change['status'] ?? change['blocked'] ?? 'no longer suppressed'} at ${change['at']}`],
    ['for', placeText(change)],
    ['by', change['initiator']],
    ['through', change['surface'] ?? 'unknown'],
  ].map(([name, value]) => [name ?? '', value ?? ''])
  const rows = consumers.map(
    ({ name, state, attempts, firstAt, acknowledgedAt, settledOn, reason, nextAt }) => [
      name,
      state.replaceAll('_', ' '),
      String(attempts ?? '-'),
      firstAt ?? '-',
      acknowledgedAt ?? settledOn ?? '-',
      reason === null ? '' : `${reason}${nextAt === null ? '' : `, again at ${nextAt}`}`,
    ],
  )
  const head = ['CONSUMER', 'STATE', 'ATTEMPTS', 'FIRST SENT', 'ACKNOWLEDGED', '']
  return `${table(facts)}\n\n${rows.length === 0 ? 'Nobody is told of changes.' : table([head, ...rows])}`
}

const placeText = (change: Traced['change']): string =>
  ['channel', 'region', 'brand'].map((name) => `${name} ${change[name] ?? 'any'}`).join(', ')

export const redeliverCommand = (): Command =>
  withService(new Command('redeliver'))
    .description('Lets deliveries that were given up be tried again.')
    .argument('<consumer>', 'its name, as `assent consent consumers` lists it')
    .argument('[revisions...]', 'which; default: all')
    .action(async (consumer: string, revisions: readonly string[], flags: ServiceFlags) => {
      const body = revisions.length === 0 ? {} : { revisions }
      const path = `/consumers/${encodeURIComponent(consumer)}/redeliver`
      const { redelivered } = (await consentService(flags)('POST', path, body)) as { redelivered: number }
      console.log(`${redelivered} deliveries are tried again.`)
    })

export const linkCommand = (): Command =>
  withService(new Command('link'))
    .description('Makes a new trial link to the preference centre, where no issuer of tokens is set.')
    .argument('[pid]', 'of whom; default: somebody')
    .action(async (pid: string | undefined, flags: ServiceFlags) => {
      const { url } = (await consentService(flags)('POST', '/trial-link', { pid: pid ?? null })) as {
        url: string
      }
      console.log(url)
    })

export const resumeCommand = (): Command =>
  withService(new Command('resume'))
    .description('Goes on telling a consumer that said it was gone (410).')
    .argument('<consumer>', 'its name, as `assent consent consumers` lists it')
    .action(async (consumer: string, flags: ServiceFlags) => {
      await consentService(flags)('POST', `/consumers/${encodeURIComponent(consumer)}/resume`)
      console.log(`${consumer} is told again.`)
    })
