import type { Server } from 'node:net'
import { AssentError } from '../errors.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Resolves when the server listens. Throws `PORT_TAKEN` when somebody else does. */
export const listen = async (server: Server, { host, port }: Address): Promise<void> => {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new AssentError('PORT_TAKEN', `${host}:${port}`, { cause })
  }
}
