import { createHash, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { jsonAnswer, type Route, type RouteAnswer, type RouteRequest } from '../subgraphs/route.ts'
import { isTag, readApproval, readBody, readChange, readText, readUses } from './read-requests.ts'
import type { Registry } from './registry.ts'
import { RegistryError } from './registry-error.ts'
import type { Holder } from './registry-settings.ts'
import type { Tag } from './registry-store.ts'
import { claimHeaders, etagOf } from './signed-supergraph.ts'
import type { Version } from './version.ts'
import type { WaitingRoom } from './waiting-room.ts'
import { type createWhoAsks, refuseOthers } from './who-asks.ts'

export interface RegistryRoutes {
  readonly registry: Registry
  readonly whoAsks: ReturnType<typeof createWhoAsks>
  readonly room: WaitingRoom
  /** What supergraphs are signed with. */
  readonly key: KeyObject
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** A request that knows when who asked is gone. */
export interface RegistryRequest extends RouteRequest {
  readonly gone?: AbortSignal
}

/** An address that says who may ask, and how much it reads, before a body is read. */
export interface RegistryRoute extends Omit<Route, 'answer'> {
  /** Throws for who may not ask. */
  readonly admit: (headers: IncomingHttpHeaders) => Holder
  /** Bytes. */
  readonly mostBytes: number
  readonly answer: (request: RegistryRequest, holder: Holder) => Promise<RouteAnswer>
}

const KIB = 1_024
const LONGEST_WAIT_SECONDS = 60

/** All addresses of a registry. What they throw is a `RegistryError`. */
export const registryRoutes = (parts: RegistryRoutes): readonly RegistryRoute[] => [
  ...readRoutes(parts),
  {
    method: 'GET',
    path: '/registry/v1/tags/:tag/supergraph',
    admit: (headers) => parts.whoAsks(headers, 'read'),
    mostBytes: KIB,
    answer: (request) => supergraphAnswer(request, parts),
  },
  ...actRoutes(parts),
]

const readRoutes = ({ registry, whoAsks }: RegistryRoutes): readonly RegistryRoute[] => {
  const read = (path: string, answer: (request: RouteRequest) => Promise<unknown>): RegistryRoute => ({
    method: 'GET',
    path: `/registry/v1${path}`,
    admit: (headers) => whoAsks(headers, 'read'),
    mostBytes: KIB,
    answer: async (request) => jsonAnswer(200, await answer(request)),
  })
  const ofTag = (path: string, answer: (tag: string) => Promise<unknown>): RegistryRoute =>
    read(path, async (request) => answer((await tagOf(registry, request)).tag))
  return [
    read('/tags', () => registry.tags()),
    read('/tags/:tag', (request) => tagOf(registry, request)),
    ofTag('/tags/:tag/history', (tag) => registry.history(tag)),
    ofTag('/tags/:tag/deprecations', (tag) => registry.deprecations(tag)),
    read('/pending', () => registry.pending()),
    read('/diff', ({ query }) => registry.diff(query.get('base') ?? '', query.get('head') ?? '')),
    read('/versions/:version', async ({ params }) => {
      const found = await registry.version(params['version'] ?? '')
      if (found === null) throw new RegistryError('REGISTRY_VERSION_UNKNOWN', 'version')
      return found
    }),
  ]
}

const actRoutes = ({ registry, whoAsks }: RegistryRoutes): readonly RegistryRoute[] => {
  const act = (
    path: string,
    [kind, mostBytes]: readonly ['read' | 'publish' | 'approve' | 'move', number],
    answer: RegistryRoute['answer'],
  ): RegistryRoute => ({
    method: 'POST',
    path: `/registry/v1${path}`,
    admit: (headers) => whoAsks(headers, kind),
    mostBytes,
    answer,
  })
  return [
    act('/tags/:tag/publish', ['publish', 32 * KIB * KIB], async ({ params, text }, holder) => {
      const body = readBody(text)
      const change = readChange(body)
      refuseOthers(holder, change)
      const base = body['base'] === undefined ? undefined : readText(body, 'base')
      const published = await registry.publish({ tag: newTag(params), change, by: holder.name, base })
      return jsonAnswer(published.outcome === 'pending' ? 202 : 200, published)
    }),
    act('/tags/:tag/move', ['move', 4 * KIB], async ({ params, text }, holder) =>
      jsonAnswer(200, await registry.move(newTag(params), readText(readBody(text), 'version'), holder.name)),
    ),
    act('/approvals', ['approve', 4 * KIB], async ({ text }) =>
      jsonAnswer(200, await registry.approve(readApproval(readBody(text)))),
    ),
    act('/tags/:tag/uses', ['read', 2 * KIB * KIB], async ({ params, text }) => {
      await registry.count(newTag(params), readUses(readBody(text)))
      return { status: 204 }
    }),
  ]
}

const newTag = (params: RouteRequest['params']): string => {
  const { tag = '' } = params
  if (!isTag(tag)) throw new RegistryError('REGISTRY_REQUEST_INVALID', 'tag')
  return tag
}

const tagOf = async (registry: Registry, { params }: RouteRequest): Promise<Tag> => {
  const found = await registry.tag(params['tag'] ?? '')
  if (found === null) throw new RegistryError('REGISTRY_TAG_UNKNOWN', 'tag')
  return found
}

/** With `wait`, whoever has the newest already is answered when there is a newer one, or when the time is over. */
const supergraphAnswer = async (
  request: RegistryRequest,
  { registry, room, key, clock }: Pick<RegistryRoutes, 'registry' | 'room' | 'key' | 'clock'>,
): Promise<RouteAnswer> => {
  const known = request.headers['if-none-match']
  const wait = Math.min(LONGEST_WAIT_SECONDS, Math.max(0, Number(request.query.get('wait') ?? 0) || 0))
  const gone = request.gone ?? new AbortController().signal
  const until = performance.now() + wait * 1000
  const signed = async (of: Tag) =>
    claimHeaders(of, { key, digest: await digestOf(registry, of.version), now: clock() })
  let tag = await tagOf(registry, request)
  while (known === etagOf(tag)) {
    const left = until - performance.now()
    // eslint-disable-next-line no-await-in-loop -- the last one: it is an answer
    if (left <= 0 || gone.aborted) return { status: 304, headers: await signed(tag) }
    // eslint-disable-next-line no-await-in-loop -- another look each time the bell rings
    await room.wait(tag.tag, left, gone)
    // eslint-disable-next-line no-await-in-loop
    tag = await tagOf(registry, request)
  }
  const { supergraph } = await versionOf(registry, tag.version)
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...(await signed(tag)) },
    body: supergraph,
  }
}

const versionOf = async (registry: Registry, named: string): Promise<Version> => {
  const version = await registry.version(named)
  if (version === null) throw new RegistryError('REGISTRY_VERSION_UNKNOWN', 'version')
  return version
}

/** A version never changes, and who has the newest already asks every few seconds. */
const digestOf = async (registry: Registry, version: string): Promise<string> => {
  const known = digests.get(registry) ?? new Map<string, string>()
  digests.set(registry, known)
  const digest =
    known.get(version) ??
    createHash('sha256')
      .update((await versionOf(registry, version)).supergraph)
      .digest('hex')
  if (known.size >= MOST_DIGESTS) known.clear()
  known.set(version, digest)
  return digest
}

const digests = new WeakMap<Registry, Map<string, string>>()
const MOST_DIGESTS = 1_000
