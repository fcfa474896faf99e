import { codedError } from '../../coded-error.ts'
import type { SignedCall } from '../../serve.ts'
import { isPid } from '../pids.ts'
import { type Link, LINK_KINDS, type Unlink } from './link.ts'
import type { Links } from './links.ts'

/** The service that may say who is who. */
export const LINKING_PEER = 'identity'

const MOST_LINKS = 2_000
const MOST_PIDS = 100
const LONGEST_WAIT_MS = 10_000

/** What identity asks of consent over the wire; docs/consent-links.md says it in full. */
export function linkCalls(links: Links): ReadonlyMap<string, SignedCall> {
  return new Map<string, SignedCall>([
    [
      '/consent/v1/links',
      async (input) => links.take(listIn(input, 'links', readLink), Math.min(waitIn(input), LONGEST_WAIT_MS)),
    ],
    ['/consent/v1/links/undo', async (input) => links.undo(listIn(input, 'undone', readUnlink))],
    [
      '/consent/v1/links/said',
      async (input) => ({ said: await links.saidWhileLinked(listIn(input, 'decisionIds', readId)) }),
    ],
  ])
}

function listIn<T>(input: unknown, name: string, read: (each: unknown) => T): readonly T[] {
  const list: unknown = Object(input)[name]
  if (!Array.isArray(list) || list.length > MOST_LINKS)
    throw codedError('LINK_INVALID', `${name}, at most ${MOST_LINKS}`)
  return list.map(read)
}

function waitIn(input: unknown): number {
  const { waitMs = 0 } = (input ?? {}) as { waitMs?: unknown }
  if (typeof waitMs !== 'number' || !(waitMs >= 0)) throw codedError('BAD_USER_INPUT', 'waitMs')
  return waitMs
}

function readLink(input: unknown): Link {
  const { pids, kind } = (input ?? {}) as Record<string, unknown>
  if (!LINK_KINDS.some((known) => known === kind)) throw codedError('LINK_INVALID', 'links.kind')
  return { ...readUnlink(input), pids: readPids(pids), kind: kind as Link['kind'] }
}

function readPids(pids: unknown): readonly string[] {
  const isWhole = Array.isArray(pids) && pids.length >= 2 && pids.length <= MOST_PIDS
  if (!isWhole || !pids.every((pid) => typeof pid === 'string' && isPid(pid)))
    throw codedError('LINK_INVALID', `links.pids, 2 to ${MOST_PIDS}`)
  // Nobody is merged with themselves.
  if (new Set(pids).size !== pids.length) throw codedError('LINK_INVALID', 'links.pids, one of them twice')
  return pids as string[]
}

function readUnlink(input: unknown): Unlink {
  const { decisionId, at, by } = (input ?? {}) as Record<string, unknown>
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0) throw codedError('LINK_INVALID', 'at')
  if (typeof by !== 'string' || !/^[^\p{Cc}\p{Cs}]{1,256}$/u.test(by)) throw codedError('LINK_INVALID', 'by')
  return { decisionId: readId(decisionId), at, by }
}

function readId(decisionId: unknown): string {
  if (typeof decisionId !== 'string' || !/^[\w.:~-]{1,128}$/.test(decisionId))
    throw codedError('LINK_INVALID', 'decisionId')
  return decisionId
}
