// The built gateway in front of people, with consent in the memory of this process: what the fence costs by itself.
import { readConfig } from '../../gateway/config.ts'
import type { startGateway as StartGateway } from '../../gateway/server.ts'
import { ANSWERS, type AnswersName, consentInMemory } from '../people/people-consent.ts'

const { startGateway } = (await import(new URL('../../dist/gateway/server.js', import.meta.url).href)) as {
  startGateway: typeof StartGateway
}
const answers = process.env['BENCH_ANSWERS'] as AnswersName | undefined
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('ASSENT_')))
const config = readConfig({ env, yamlText: '', yamlFile: 'none', required: ['supergraph'] })
const consent = answers === undefined ? undefined : consentInMemory(ANSWERS[answers])
const { url } = await startGateway(config, consent === undefined ? {} : { consent })
console.log(url)
