import { readFileSync } from 'node:fs'
import { readConfig } from '../../../gateway/config.ts'
import { startGateway } from '../../../gateway/server.ts'

// A gateway in a process of its own, so that it can be killed and stopped, and lied to about the time.
let skewMs = 0
const trueTime = Date.now
Date.now = () => trueTime() + skewMs
process.on('message', (message: { skewMs?: number }) => {
  if (message.skewMs !== undefined) ({ skewMs } = message as { skewMs: number })
})
process.once('disconnect', () => process.exit())

const [file = '', settings = '{}'] = process.argv.slice(2)
const overrides = JSON.parse(settings) as Record<string, unknown>
const { url } = await startGateway(readConfig({ env: {}, overrides }), {
  supergraph: readFileSync(file, 'utf8'),
})
process.send?.({ url })
