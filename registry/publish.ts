import { createHash } from 'node:crypto'
import { check } from '../schema/check/check.ts'
import { contractsOf, isContractFile } from '../schema/check/contracts.ts'
import type { Finding, Report } from '../schema/check/finding.ts'
import { compose } from '../schema/compose.ts'
import { keepWindows } from './keep-windows.ts'
import { RegistryError } from './registry-error.ts'
import type { KeptApproval, Move, Pending, RegistryTurn, Tag } from './registry-store.ts'
import {
  applied,
  type Change,
  type Pointing,
  type Version,
  type VersionContent,
  versionHash,
} from './version.ts'

export interface Publication {
  readonly tag: string
  /** What is new of it, or a version that was published before, to this tag or another. */
  readonly change: Change | Pointing
  readonly by: string
  /** The version the change was made on; undefined: whatever is newest. */
  readonly base?: string | undefined
}

export interface PublishTerms {
  readonly now: number
  /** Who answers for what nobody owns. */
  readonly owner: string
  readonly deprecationDays: number
}

export type Published =
  | { readonly outcome: 'published'; readonly tag: Tag; readonly report: Report }
  | { readonly outcome: 'unchanged'; readonly tag: Tag; readonly report: Report }
  | { readonly outcome: 'pending'; readonly id: string; readonly report: Report }

/**
 * Checks a change against what the tag points to at this very moment, and publishes it in the same turn: of two at once the
 * second is checked against the first. What its owners may approve waits for them; everything else is refused, and nothing of
 * it is kept. Throws `RegistryError`.
 */
export const publish = async (
  turn: RegistryTurn,
  publication: Publication,
  terms: PublishTerms,
): Promise<Published> => {
  const { tag, change } = publication
  const known = await turn.tag(tag)
  await refuseMoved(turn, publication.base, known)
  const base = known === null ? null : await turn.version(known.version)
  const content = await contentOf(turn, change, base ?? EMPTY)
  const approvals = await usable(turn, tag, terms.now)
  const report = await checked(base ?? EMPTY, content, { publication, approvals, terms })
  if (known !== null && known.version === versionHash(content))
    return { outcome: 'unchanged', tag: known, report }
  const isBack = 'version' in change && (await hasHad(turn, tag, change.version))
  const blocking = blockingOf(report, isBack)
  if (blocking.length > 0) return parked(turn, { publication, report, blocking, terms })
  return released(turn, {
    publication,
    terms,
    approvals,
    base,
    content,
    report,
    isBack,
    from: known?.version ?? null,
  })
}

interface Releasing extends Checking {
  readonly base: Version | null
  readonly content: VersionContent | Version
  readonly report: Report
  /** The tag has had it: what is taken away again breaks whom it broke before. */
  readonly isBack: boolean
  readonly from: string | null
}

/** Everything of it is written in this turn, or nothing. */
const released = async (turn: RegistryTurn, releasing: Releasing): Promise<Published> => {
  const { publication, terms, approvals, base, report, isBack, from } = releasing
  const { tag, by, change } = publication
  const at = new Date(terms.now).toISOString()
  const version = versionOf(releasing, at)
  if (!isBack) await keepWindows(turn, tag, { base, version, terms })
  await turn.keepVersion(version)
  const used = approvals.filter(({ hash }) =>
    report.findings.some((one) => one.approved && one.approval?.hash === hash),
  )
  const otherwise = 'version' in change ? 'moved' : 'published'
  const because: Move['because'] = used.length > 0 ? 'approved' : otherwise
  const moved = await turn.moveTag({
    tag,
    version: version.hash,
    at,
    by,
    from,
    because,
  })
  await turn.useApprovals(
    used.map(({ id }) => id),
    version.hash,
  )
  await turn.tell({
    type: `registry.${otherwise}.v1`,
    tag,
    at,
    by,
    from,
    version: version.hash,
    sequence: moved.sequence,
    ...told(report),
  })
  return { outcome: 'published', tag: moved, report }
}

const EMPTY: VersionContent = { files: [], urls: {} }

const contentOf = async (
  turn: RegistryTurn,
  change: Change | Pointing,
  base: VersionContent,
): Promise<VersionContent | Version> => {
  if ('version' in change) {
    const found = await turn.version(change.version)
    if (found === null) throw new RegistryError('REGISTRY_VERSION_UNKNOWN', 'version')
    return found
  }
  const content = applied(base, change)
  refuseStrangeFiles(content)
  return content
}

const hasHad = async (turn: RegistryTurn, tag: string, version: string): Promise<boolean> =>
  (await turn.history(tag)).some((move) => move.version === version)

/**
 * A way back must be open when something goes wrong, so it may break what came since; it loosens nothing without its owner.
 */
const blockingOf = ({ findings }: Report, isBack: boolean): readonly Finding[] =>
  findings.filter(({ level, kind }) => level === 'error' && !(isBack && kind === 'breaking'))

const versionOf = (
  { content, report, publication: { by } }: Pick<Releasing, 'content' | 'report' | 'publication'>,
  at: string,
): Version =>
  'hash' in content
    ? content
    : { ...content, hash: versionHash(content), supergraph: composed(content, report), at, by }

const refuseMoved = async (
  turn: RegistryTurn,
  base: string | undefined,
  known: Tag | null,
): Promise<void> => {
  if (base === undefined || base === known?.version) return
  if ((await turn.version(base)) === null) throw new RegistryError('REGISTRY_BASE_UNKNOWN', 'base')
  throw new RegistryError('REGISTRY_BASE_MOVED', 'base', { version: known?.version })
}

const refuseStrangeFiles = ({ files }: VersionContent): void => {
  const strange = files.findIndex(({ file }) => !isContractFile(file))
  if (strange >= 0) throw new RegistryError('REGISTRY_REQUEST_INVALID', `files[${strange}].file`)
}

/** Proved when they came; here they must be of this tag, and not have run out since. */
const usable = async (turn: RegistryTurn, tag: string, now: number): Promise<readonly KeptApproval[]> =>
  (await turn.approvals()).filter((one) => one.tag === tag && Date.parse(one.until) > now)

interface Checking {
  readonly publication: Publication
  readonly approvals: readonly KeptApproval[]
  readonly terms: PublishTerms
}

const checked = (
  base: VersionContent,
  head: VersionContent,
  { publication: { tag }, approvals, terms: { now, owner } }: Checking,
): Promise<Report> =>
  check(contractsOf(base.files, '', base.urls), contractsOf(head.files, '', head.urls), {
    labels: { base: `registry:${tag}`, head: 'publication' },
    today: new Date(now).toISOString().slice(0, 10),
    approvals: approvals.map((one) => ({ ...one, isProved: true })),
    now,
    owner,
  })

/** Waits when every finding that blocks has an owner who may approve it; the same publication waits once. */
const parked = async (
  turn: RegistryTurn,
  {
    publication: { tag, change, by },
    report,
    blocking,
    terms,
  }: Omit<Checking, 'approvals'> & { readonly report: Report; readonly blocking: readonly Finding[] },
): Promise<Published> => {
  if (!blocking.every(({ approval }) => approval !== undefined))
    throw new RegistryError('REGISTRY_BLOCKED', tag, { report })
  const id = createHash('sha256')
    .update(JSON.stringify([tag, report.head.hash, change]))
    .digest('hex')
    .slice(0, 16)
  const at = new Date(terms.now).toISOString()
  const pending: Pending = { id, tag, change, by, at, report }
  await turn.park(pending)
  await turn.tell({
    type: 'registry.pending.v1',
    tag,
    at,
    by,
    id,
    ...told(report),
    approvals: blocking.map(askedOf),
  })
  return { outcome: 'pending', id, report }
}

const askedOf = ({ code, coordinate, message, approval }: Finding): object => ({
  code,
  coordinate,
  message,
  ...approval,
})

/** What a notice says of a report: what it is about, and whom it concerns. */
const told = ({ findings }: Report): object => ({
  findings: findings.map(({ code, kind, level, coordinate, owner }) => ({
    code,
    kind,
    level,
    coordinate,
    owner,
  })),
})

/** The check has composed it; this is the text, with where its subgraphs answer. */
const composed = ({ files, urls }: VersionContent, report: Report): string => {
  const { subgraphs, supergraph: given } = contractsOf(files, '', urls)
  if (given !== null) return given.text
  if (subgraphs.length === 0) return ''
  const { supergraph } = compose(subgraphs)
  if (supergraph === null) throw new RegistryError('REGISTRY_BLOCKED', 'composition', { report })
  return supergraph
}
