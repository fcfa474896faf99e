import { startAwsKms } from './aws-kms.ts'
import { findChromium } from './chromium.ts'
import { startNeo4j } from './neo4j.ts'
import { natsProgram } from './nats.ts'
import { startPostgres } from './postgres.ts'

/** Set from outside, a URL is used as it is and nothing is started for it. */
const NEO4J_URL = 'TEST_NEO4J_URL'
const POSTGRES_URL = 'TEST_POSTGRES_URL'
/** The program, not a server: tests of what happens while it is away start and stop their own, in some hundredths of a second. */
const NATS_SERVER = 'TEST_NATS_SERVER'
/** Something that speaks the protocol of AWS KMS. */
const AWS_KMS_URL = 'TEST_AWS_KMS_URL'
/** The program of a Chromium. */
const CHROMIUM = 'TEST_CHROMIUM'

type Stop = () => Promise<void>

/** Starts what the service tests need, all at once, before the first of them; the function returned stops it again. */
export async function setup(): Promise<Stop> {
  const started = await Promise.allSettled([
    provide('Neo4j', NEO4J_URL, async () => {
      const { url, user, password, stop } = await startNeo4j(tell)
      Object.assign(process.env, {
        [NEO4J_URL]: url,
        TEST_NEO4J_USER: user,
        TEST_NEO4J_PASSWORD: password,
      })
      return stop
    }),
    provide('PostgreSQL', POSTGRES_URL, async () => {
      const { url, stop } = await startPostgres(tell)
      process.env[POSTGRES_URL] = url
      return stop
    }),
    provide('NATS', NATS_SERVER, async () => {
      process.env[NATS_SERVER] = await natsProgram(tell)
      return async () => {}
    }),
    provide('AWS KMS', AWS_KMS_URL, async () => {
      const { url, stop } = await startAwsKms(tell)
      process.env[AWS_KMS_URL] = url
      return stop
    }),
    provide('Chromium', CHROMIUM, async () => {
      process.env[CHROMIUM] = await findChromium(tell)
      return async () => {}
    }),
  ])
  const stopAll: Stop = async () => {
    await Promise.all(
      started.map(async (result) => (result.status === 'fulfilled' ? result.value() : undefined)),
    )
  }
  const failures = started.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
  if (failures.length > 0) {
    await stopAll()
    throw new AggregateError(failures, failures.map((failure) => failure.message).join('; '))
  }
  return stopAll
}

/** On a developer's machine a service that cannot be had is a visible skip; in CI it is a failure. */
async function provide(name: string, variable: string, start: () => Promise<Stop>): Promise<Stop> {
  if (process.env[variable]) {
    tell(`${name}: the one ${variable} names`)
    return async () => {}
  }
  const begun = Date.now()
  try {
    const stop = await start()
    tell(`${name}: ready after ${((Date.now() - begun) / 1000).toFixed(1)} s`)
    return stop
  } catch (error) {
    const reason = `${name} is not available: ${error instanceof Error ? error.message : String(error)}`
    if (process.env['CI']) throw new Error(reason, { cause: error })
    tell(`${reason}\n          Its tests are SKIPPED.`)
    return async () => {}
  }
}

const tell = (line: string): void => {
  process.stderr.write(`services: ${line}\n`)
}
