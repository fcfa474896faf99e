import type { AssentError } from '../errors.ts'
import type { Page } from './page.ts'

/** Whether requests are welcome here, and all that is not as it should be. */
export interface Readiness {
  readonly ready: boolean
  /** With `ready`, what is degraded: parts of answers may be missing. */
  readonly reasons: readonly Reason[]
}

export interface Reason {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

export const reasonOf = ({ code, message, extensions }: AssentError): Reason => ({
  code,
  message,
  remedy: String(extensions['remedy']),
})

export interface HealthOptions {
  readonly readiness: () => Promise<Readiness>
  readonly stopping: boolean
  /** The header of the request. */
  readonly accept: string | undefined
}

/** `/health/live` says that this process runs, whatever others do; `/health/ready` whether it should get requests. */
export const healthPage = async (pathname: string, options: HealthOptions): Promise<Page | undefined> => {
  if (pathname === '/health/live') return { type: 'text/plain', body: 'live\n' }
  if (pathname !== '/health/ready') return undefined
  if (options.stopping) return page('stopping', [], options)
  const { ready, reasons } = await options.readiness()
  return page(ready ? (reasons.length > 0 ? 'degraded' : 'ready') : 'not ready', reasons, options)
}

type Status = 'ready' | 'degraded' | 'not ready' | 'stopping'

const page = (status: Status, reasons: readonly Reason[], { accept }: HealthOptions): Page => {
  const http = status === 'ready' || status === 'degraded' ? 200 : 503
  if (!accept?.includes('application/json')) {
    const lines = reasons.map(({ code, message }) => `${code}: ${message}\n`)
    return { type: 'text/plain; charset=utf-8', body: `${status}\n${lines.join('')}`, status: http }
  }
  return { type: 'application/json', body: JSON.stringify({ status, reasons }), status: http }
}
