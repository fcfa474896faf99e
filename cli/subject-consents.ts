import { existsSync, readFileSync } from 'node:fs'
import { CONSENT_STATUSES } from '../directives/consent-status.ts'
import { nearestName } from '../directives/nearest-name.ts'
import { AssentError, type Fault } from '../gateway/errors.ts'
import type { ConsentState, ConsentStatus, ScopeState } from '../gateway/ports.ts'
import { yamlLeaves } from '../gateway/yaml-leaves.ts'

/** What one person is taken to have answered: `given` unless something else is written. */
interface Answered {
  readonly subject: string
  readonly place: string
  readonly scope?: string
  readonly status?: string
  readonly blocked?: string
}

/**
 * The consents a plan is explained for. Each text is a YAML file (`ada: [crm_contact]`, `bo: { crm_contact: refused }`,
 * `cyd: SUPPRESSED`) or the same on one line (`ada=crm_contact,marketing_email`, `bo=crm_contact:refused`, `dee=`).
 * Throws `CONFIG_INVALID` with every fault.
 */
export const subjectConsents = (
  written: readonly string[],
  scopes: ReadonlySet<string>,
): ReadonlyMap<string, ConsentState> => {
  const faults: Fault[] = []
  const answers = written.flatMap((text) =>
    existsSync(text) ? fromFile(text, faults) : fromLine(text, faults),
  )
  const people = new Map<string, ConsentState>()
  for (const answer of answers) {
    faults.push(...faultsOf(answer, scopes))
    people.set(answer.subject, withAnswer(people.get(answer.subject), answer))
  }
  if (faults.length > 0) throw new AssentError('CONFIG_INVALID', FLAG, { faults })
  return people
}

const FLAG = '--subject-consent'

const fromLine = (text: string, faults: Fault[]): Answered[] => {
  const at = text.indexOf('=')
  if (at < 1) {
    const problem = 'is neither a file nor `pid=scope,scope`.'
    faults.push({
      name: text,
      place: FLAG,
      problem,
      remedy: 'Name a file that exists, or write `pid=scope`.',
    })
    return []
  }
  const subject = text.slice(0, at).trim()
  const parts = text.slice(at + 1).split(',')
  return [
    { subject, place: FLAG },
    ...parts.flatMap((part) => (part.trim() === '' ? [] : answered(subject, part.trim(), FLAG))),
  ]
}

const fromFile = (file: string, faults: Fault[]): Answered[] => {
  const read = yamlLeaves(readFileSync(file, 'utf8'), file)
  faults.push(...read.faults)
  return read.leaves.flatMap(({ path, value, place }): Answered[] => {
    const [subject = '', scope] = path
    if (scope !== undefined) return [{ subject, place, scope, status: String(value) }]
    const parts: unknown[] = Array.isArray(value) ? value : value === null ? [] : [value]
    return [{ subject, place }, ...parts.map((part) => answered(subject, String(part), place))]
  })
}

const answered = (subject: string, part: string, place: string): Answered => {
  if (BLOCKS.has(part)) return { subject, place, blocked: part }
  const [scope = '', status = 'given'] = part.split(':')
  return { subject, place, scope, status }
}

const BLOCKS: ReadonlySet<string> = new Set(['SUPPRESSED', 'ERASED', 'UNKNOWN_SUBJECT'])

const STATUSES: ReadonlySet<string> = new Set(CONSENT_STATUSES)

const faultsOf = ({ scope, status, place }: Answered, scopes: ReadonlySet<string>): Fault[] => [
  ...(scope === undefined || scopes.has(scope)
    ? []
    : [unknown(scope, place, 'is not a scope of the vocabulary.', scopes)]),
  ...(status === undefined || STATUSES.has(status)
    ? []
    : [unknown(status, place, 'is not a state of consent.', STATUSES)]),
]

// eslint-disable-next-line max-params -- the parts of a fault in their order
const unknown = (name: string, place: string, problem: string, known: ReadonlySet<string>): Fault => {
  const meant = nearestName(name, known)
  return {
    name,
    place,
    problem,
    remedy: meant ? `Did you mean \`${meant}\`?` : `Known: ${[...known].join(', ')}.`,
  }
}

const withAnswer = (
  before: ConsentState | undefined,
  { subject, scope, status, blocked }: Answered,
): ConsentState => {
  const scopes = new Map<string, ScopeState>(before?.scopes)
  if (scope !== undefined)
    scopes.set(scope, { status: status as ConsentStatus, receipt: 'as named', expiresAt: null })
  const block = (blocked ?? before?.blocked) as NonNullable<ConsentState['blocked']> | undefined
  return { subject, revision: 'as named', scopes, ...(block === undefined ? {} : { blocked: block }) }
}
