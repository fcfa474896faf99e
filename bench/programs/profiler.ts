// Loaded before a gateway: the first SIGUSR2 begins a profile, the second writes it to the file PROFILE.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

const session = new Session()
let begun = false

const toggle = async (): Promise<void> => {
  if (begun) {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(process.env['PROFILE'] ?? 'gateway.cpuprofile', JSON.stringify(profile))
    return
  }
  begun = true
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 100 })
  await session.post('Profiler.start')
}

process.on('SIGUSR2', () => void toggle())
