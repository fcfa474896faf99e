import { bearerGuard } from './bearer-guard.ts'
import type { Route } from './route.ts'

/** `/metrics`, in the text format of Prometheus, for whoever operates the service; without a token: for nobody. */
export const metricsRoute = (operatorToken: string | null, metrics: () => Promise<string>): Route => ({
  method: 'GET',
  path: '/metrics',
  answer: bearerGuard(
    () => operatorToken,
    async () => ({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: await metrics(),
    }),
  ),
})
