import type { ClientContract } from '../../../gateway/ports.ts'
import type { Asked, Consents, WorldOptions } from '../../support/world.ts'

/** One line of the specification: who asks what, what each person said, and everything that follows. */
export interface Row {
  readonly title: string
  /** The attack this row stands for. */
  readonly scenario?: string
  readonly graph: WorldOptions
  /** Instead of what the graph says its people have answered. */
  readonly consents?: Consents
  /** The caller's scopes; all of the graph's when absent. */
  readonly scopes?: readonly string[]
  readonly purpose?: string
  readonly contract?: Partial<ClientContract>
  readonly variables?: Record<string, unknown>
  readonly query: string
  /** Compared with its keys in order. */
  readonly data: unknown
  /** `coordinate at path path: REASON scope, scope`. */
  readonly withheld?: readonly string[]
  /** `CODE path`. */
  readonly errors?: readonly string[]
  readonly sent: readonly string[]
  /** Canaries, as `person:field`, that were granted and travel, but are not in the answer: inputs of other fields. */
  readonly travels?: readonly string[]
  /** People whose consent was asked, one list a wave. */
  readonly asked: readonly (readonly string[])[]
}

interface Told {
  readonly coordinate: string
  readonly path: string
  readonly count: number
  readonly scopes?: readonly string[]
  readonly reason?: string
  readonly at?: readonly string[]
  readonly instead?: string
}

/** The report of one answer as a row writes it. */
export const withheldLines = ({ extensions }: Pick<Asked, 'extensions'>): string[] => {
  const consent = extensions?.['consent'] as { withheld: Told[] } | undefined
  return (consent?.withheld ?? []).map(withheldLine)
}

const withheldLine = ({ coordinate, path, count, scopes = [], reason, at, instead }: Told): string => {
  const where = at === undefined ? `${path} ×${count}` : at.join(' ')
  const why = reason === undefined ? '' : `: ${reason} ${scopes.join(', ')}`.trimEnd()
  return `${coordinate} at ${where}${why}${instead === undefined ? '' : `, ${instead} instead`}`
}

export const errorLines = ({ errors = [] }: Pick<Asked, 'errors'>): string[] =>
  errors.map(({ path, extensions }) => `${String(extensions['code'])} ${(path ?? []).join('.')}`)
