import { bearerGuard } from './bearer-guard.ts'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import { isPid } from './consent/pids.ts'
import { jsonAnswer, type Route, type RouteAnswer } from './route.ts'

/** The address of the preference centre with a fresh token of one person; null for somebody nobody ever heard of. */
export type LinkFor = (pid: string | null) => Promise<string | null>

/** A new link for trying things out, as a token lives for minutes: `assent consent link`. For the operator alone. */
export function trialLink(operatorToken: string | null, linkFor: LinkFor | null): Route {
  return {
    method: 'POST',
    path: '/consent/v1/trial-link',
    answer: bearerGuard(
      () => operatorToken,
      async ({ text }) => {
        if (linkFor === null) return refused(409, 'NOT_ON_TRIAL')
        const pid = pidIn(text)
        if (pid === undefined) return refused(400, 'INVALID_SUBJECT', 'pid')
        const url = await linkFor(pid)
        return url === null ? refused(404, 'INVALID_SUBJECT', 'pid') : jsonAnswer(200, { url })
      },
    ),
  }
}

/** Null: anybody. Undefined: what is there is no pid. */
function pidIn(text: string): string | null | undefined {
  try {
    const { pid = null } = Object(JSON.parse(text === '' ? '{}' : text)) as { pid?: unknown }
    return pid === null || (typeof pid === 'string' && isPid(pid)) ? pid : undefined
  } catch {
    return undefined
  }
}

function refused(status: number, code: SubgraphErrorCode, place?: string): RouteAnswer {
  return jsonAnswer(status, { errors: [{ message: sentenceOf(code, place), extensions: { code } }] })
}
