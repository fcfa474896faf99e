import { Exchange } from '../../../gateway/adapters/http-subgraphs/exchange.ts'

// Loaded before a gateway: when it is told to, its process is stopped between its last look at a request for people's values and
// the bytes of that request.
let isArmed = false
process.on('message', (message: { stopAfterTheLook?: true }) => {
  if (message.stopAfterTheLook === true) isArmed = true
})

interface Looking {
  readonly listener: { readonly request: { readonly body: string } }
}

const look = Reflect.get<Exchange, 'onConnect'>(Exchange.prototype, 'onConnect')
Exchange.prototype.onConnect = function lookAndStop(this: Exchange, abort): void {
  look.call(this, abort)
  const { listener } = this as unknown as Looking
  if (!isArmed || !listener.request.body.includes('_entities')) return
  isArmed = false
  process.send?.({ told: 'stopping' })
  process.kill(process.pid, 'SIGSTOP')
}
