import { SettingProblem } from './parse-setting.ts'
import type { ParseSetting } from './parse-setting.ts'

/** Which headers a subgraph gets beside those the gateway makes itself. Without a rule it gets none. */
export interface HeaderRules {
  readonly all: HeaderRule
  /** By subgraph name: on top of the rule for all. */
  readonly subgraphs: ReadonlyMap<string, HeaderRule>
}

export interface HeaderRule {
  /** Taken from the client's request: its name there, by the name the subgraph knows. */
  readonly propagate: ReadonlyMap<string, string>
  /** Always the same. */
  readonly insert: ReadonlyMap<string, string>
  /** Not sent, though the rule for all says so. */
  readonly remove: readonly string[]
}

const NOTHING: HeaderRule = { propagate: new Map(), insert: new Map(), remove: [] }

export const NO_HEADER_RULES: HeaderRules = { all: NOTHING, subgraphs: new Map() }

/** A YAML map with `all` and `subgraphs`, or the same as JSON text. */
export const headerRules: ParseSetting<HeaderRules> = (written) => {
  const { all, subgraphs, ...others } = recordOf(typeof written === 'string' ? fromJson(written) : written)
  refuseOthers(others, 'all, subgraphs')
  return {
    all: all === undefined ? NOTHING : ruleOf(all),
    subgraphs: new Map(Object.entries(recordOf(subgraphs ?? {})).map(([name, rule]) => [name, ruleOf(rule)])),
  }
}

/** Whether a value may stand in a header: no line break, so that nobody adds a header of their own (RFC 9110 §5.5). */
export const isHeaderValue = (value: string): boolean => /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)

const ruleOf = (written: unknown): HeaderRule => {
  const { propagate, insert, remove, ...others } = recordOf(written)
  refuseOthers(others, 'propagate, insert, remove')
  return {
    propagate: new Map(listOf(propagate).flatMap(propagated)),
    insert: new Map(Object.entries(recordOf(insert ?? {})).map(inserted)),
    remove: listOf(remove).map((name) => nameOf(name)),
  }
}

/** `name`, or `name: as`. */
const propagated = (one: unknown): [string, string][] => {
  if (typeof one === 'string') return [[sendable(one), nameOf(one)]]
  return Object.entries(recordOf(one)).map(([name, as]) => [sendable(as), nameOf(name)])
}

const inserted = ([name, value]: [string, unknown]): [string, string] => {
  if (typeof value !== 'string' || !isHeaderValue(value))
    throw new SettingProblem(`has no plain text for ${nameOf(name)}.`)
  return [sendable(name), value]
}

/**
 * What belongs to one connection (RFC 9110 §7.6.1), says what the body is, or is made by the gateway is nobody else's to
 * set; `set-cookie` is no header of a request at all.
 */
const sendable = (written: unknown): string => {
  const name = nameOf(written)
  if (RESERVED.has(name) || name.startsWith('assent-'))
    throw new SettingProblem(`may not send ${name} to a subgraph.`)
  return name
}

const RESERVED: ReadonlySet<string> = new Set(
  [
    'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade',
    'host expect set-cookie accept accept-encoding content-type content-length content-encoding',
    'content-digest signature signature-input x-request-id traceparent tracestate',
  ].flatMap((names) => names.split(' ')),
)

const nameOf = (written: unknown): string => {
  if (typeof written !== 'string' || !/^[!#$%&'*+.^_`|~\w-]{1,128}$/.test(written))
    throw new SettingProblem('has a header name that is none.')
  return written.toLowerCase()
}

/** The name of one header of the gateway's own making. */
export const ownHeaderName: ParseSetting<string> = (written) => sendable(written)

const listOf = (written: unknown): readonly unknown[] => {
  if (written === undefined) return []
  if (!Array.isArray(written)) throw new SettingProblem('has something else than a list of header names.')
  return written
}

const recordOf = (written: unknown): Record<string, unknown> => {
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new SettingProblem('is not a map of `all` and `subgraphs` to header rules.')
  return written as Record<string, unknown>
}

const refuseOthers = (others: Record<string, unknown>, known: string): void => {
  if (Object.keys(others).length > 0) throw new SettingProblem(`knows only ${known} here.`)
}

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new SettingProblem('is not JSON.')
  }
}
