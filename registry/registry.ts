import type { KeyObject } from 'node:crypto'
import { check } from '../schema/check/check.ts'
import { contractsOf, type Contracts } from '../schema/check/contracts.ts'
import type { Report } from '../schema/check/finding.ts'
import { provedApproval } from './approval-signature.ts'
import type { SignedApproval } from './approval-statement.ts'
import { type Publication, publish, type Published, type PublishTerms } from './publish.ts'
import { RegistryError } from './registry-error.ts'
import type { Deprecation, KeptApproval, Pending, RegistryStore, Tag, Use } from './registry-store.ts'
import type { Version } from './version.ts'

export interface RegistryOptions extends Omit<PublishTerms, 'now'> {
  readonly store: RegistryStore
  /** The public key of each owner who may approve. */
  readonly owners: ReadonlyMap<string, KeyObject>
  readonly clock: () => number
  /** Told of every tag that moves here. */
  readonly onMove?: (tag: string) => void
}

export interface Registry extends Pick<RegistryStore, 'tags' | 'tag' | 'version' | 'history' | 'pending'> {
  publish(publication: Publication): Promise<Published>
  /** Takes an owner's word; publications that waited for it, and for nobody else, are published. */
  approve(approval: SignedApproval): Promise<{ readonly released: readonly Tag[] }>
  /**
   * Points a tag to a version that was published before, back on purpose or on to another tag, checked as a publication is. Throws
   * `REGISTRY_MOVE_WAITS` when owners must allow it first; then it is made when the last of them has.
   */
  move(tag: string, version: string, by: string): Promise<Tag>
  diff(base: string, head: string): Promise<Report>
  deprecations(tag: string): Promise<readonly (Deprecation & { readonly uses: readonly Use[] })[]>
  count(tag: string, uses: readonly Omit<Use, 'last'>[]): Promise<void>
}

/** All that a registry does, over one store. Every refusal is a `RegistryError`. */
export const createRegistry = (options: RegistryOptions): Registry => {
  const { store, owners, clock, onMove = () => undefined } = options
  const terms = (): PublishTerms => ({ ...options, now: clock() })
  return {
    ...readsOf(options),
    async publish(publication) {
      const published = await store.exclusively((turn) => publish(turn, publication, terms()))
      if (published.outcome === 'published') onMove(published.tag.tag)
      return published
    },
    async approve(signed) {
      const approval = provedApproval(signed, owners, clock())
      const released = await release(store, approval, terms())
      for (const { tag } of released) onMove(tag)
      return { released }
    },
    async move(tag, version, by) {
      const change = { version }
      const moved = await store.exclusively((turn) => publish(turn, { tag, change, by }, terms()))
      if (moved.outcome === 'pending')
        throw new RegistryError('REGISTRY_MOVE_WAITS', 'version', { id: moved.id, report: moved.report })
      if (moved.outcome === 'published') onMove(tag)
      return moved.tag
    },
    async count(tag, uses) {
      if ((await store.tag(tag)) === null) throw new RegistryError('REGISTRY_TAG_UNKNOWN', 'tag')
      await store.count(tag, new Date(clock()).toISOString().slice(0, 10), uses)
    },
  }
}

const readsOf = ({
  store,
  clock,
  owner,
}: RegistryOptions): Omit<Registry, 'publish' | 'approve' | 'move' | 'count'> => {
  const versionOf = async (named: string): Promise<Version> => {
    const found = await store.version((await store.tag(named))?.version ?? named)
    if (found === null) throw new RegistryError('REGISTRY_VERSION_UNKNOWN', 'version')
    return found
  }
  return {
    tags: () => store.tags(),
    tag: (name) => store.tag(name),
    version: (hash) => store.version(hash),
    history: (tag) => store.history(tag),
    pending: () => store.pending(),
    async diff(base, head) {
      const [one, other] = [await versionOf(base), await versionOf(head)]
      const labels = { base: `registry:${base}`, head: `registry:${head}` }
      const [before, after] = [one, other].map(({ files, urls }) => contractsOf(files, '', urls)) as [
        Contracts,
        Contracts,
      ]
      return check(before, after, { labels, now: clock(), owner })
    },
    async deprecations(tag) {
      const uses = await store.uses(tag)
      const all = await store.deprecations(tag)
      return all.map((one) => ({
        ...one,
        uses: uses.filter(({ coordinate }) => coordinate === one.coordinate),
      }))
    },
  }
}

/** One turn: the approval is kept, and what it releases is published with it, or neither is. */
const release = (
  store: RegistryStore,
  approval: KeptApproval,
  terms: PublishTerms,
): Promise<readonly Tag[]> =>
  store.exclusively(async (turn) => {
    if ((await turn.approvalState(approval.id)) === 'used') throw new RegistryError('APPROVAL_USED', 'hash')
    const waiting = (await turn.pending()).filter(
      (pending) => pending.tag === approval.tag && asks(pending, approval.hash) !== undefined,
    )
    if (waiting.length === 0) throw new RegistryError('REGISTRY_NOTHING_PENDING', 'hash')
    if (!waiting.some((pending) => asks(pending, approval.hash)?.by === approval.by))
      throw new RegistryError('APPROVAL_WRONG_OWNER', 'by')
    await turn.keepApproval(approval)
    const released: Tag[] = []
    for (const { id, tag, change, by } of waiting) {
      // eslint-disable-next-line no-await-in-loop -- each is checked against what the one before has made
      const published = await publish(turn, { tag, change, by }, terms)
      if (published.outcome === 'pending' && published.id === id) continue
      // eslint-disable-next-line no-await-in-loop
      await turn.unpark(id)
      if (published.outcome === 'published') released.push(published.tag)
    }
    return released
  })

const asks = ({ report }: Pending, hash: string): { readonly by: string } | undefined =>
  report.findings.find((one) => one.level === 'error' && one.approval?.hash === hash)?.approval
