import { AssentError, type ErrorCode } from '../errors.ts'
import type { LimitName, Limits } from './limits.ts'

/** Refuses what is more than a limit, and says which one, how much it was and how much it may be. */
export const refuseAbove = (limits: Limits, name: LimitName, measured: number): void => {
  // Written so that what has no end (NaN) is refused, too.
  if (!(measured <= limits[name])) throw tooMuch(name, measured, limits[name])
}

export const tooMuch = (name: LimitName, measured: number, most: number): AssentError =>
  new AssentError(CODES[name] ?? 'OPERATION_TOO_LARGE', `limits.${name}`, {
    detail: `${amount(measured)}, at most ${most}`,
    extensions: { ...(Number.isSafeInteger(measured) ? { measured } : {}), most },
  })

const CODES: { readonly [Name in LimitName]?: ErrorCode } = {
  pageSize: 'OPERATION_TOO_COSTLY',
  cost: 'OPERATION_TOO_COSTLY',
  variables: 'VARIABLES_TOO_LARGE',
  variableBytes: 'VARIABLES_TOO_LARGE',
  textLength: 'VARIABLES_TOO_LARGE',
  listItems: 'VARIABLES_TOO_LARGE',
}

const amount = (measured: number): string => {
  if (Number.isNaN(measured)) return 'without end'
  return Number.isSafeInteger(measured) ? String(measured) : `more than ${Number.MAX_SAFE_INTEGER}`
}
