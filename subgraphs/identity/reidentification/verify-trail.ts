import type { DataKeyRing } from '../vault/data-key-ring.ts'
import type { KeptRequest } from './kept-request.ts'
import type { ReidentificationStore } from './reidentification-store.ts'
import {
  damageOf,
  type Damage,
  EMPTY_TRAIL,
  readEntry,
  type Tip,
  type TrailEntry,
  type TrailLink,
} from './trail.ts'
import { openTrailKey } from './trail-key.ts'

export const DAMAGES = {
  GAP: 'an entry is missing, or one is out of its place',
  CHAIN: 'the entry before it is not the one it was written behind',
  HASH: 'the entry was changed',
  SEAL: 'the entry was not written by this service',
  REQUEST: 'a request is not as far as the trail says',
  HEAD: 'the trail does not hold the entry that was noted elsewhere',
} as const satisfies Record<Damage | 'REQUEST' | 'HEAD', string>

export interface TrailDamage {
  readonly kind: keyof typeof DAMAGES
  /** The position of the entry, or the id of the request. */
  readonly place: string
}

export interface TrailVerification {
  readonly entries: number
  /** To be noted elsewhere: what is cut off at the end is missed by nobody else. */
  readonly head: string
  readonly damages: readonly TrailDamage[]
}

/** Reads the whole trail, and holds every request against it. `noted` is a head as an earlier verification told it. */
export async function verifyTrail(
  store: ReidentificationStore,
  ring: DataKeyRing,
  noted: string | null = null,
): Promise<TrailVerification> {
  const key = await openTrailKey(store, ring)
  const damages: TrailDamage[] = []
  const steps = new Map<string, Steps>()
  let before: Tip = EMPTY_TRAIL
  let isNotedFound = noted === null || noted === headOf(EMPTY_TRAIL)
  for await (const link of linksOf(store)) {
    const damage = damageOf(link, before, key)
    if (damage !== null) damages.push({ kind: damage, place: String(link.position) })
    else follow(readEntry(link.entry), steps)
    before = link
    isNotedFound ||= headOf(link) === noted
  }
  if (!isNotedFound) damages.push({ kind: 'HEAD', place: noted ?? '' })
  damages.push(...(await strayRequests(store, steps)))
  return { entries: before.position, head: headOf(before), damages }
}

const headOf = ({ position, hash }: Tip): string => `${position}:${hash.toString('hex')}`

async function* linksOf(store: ReidentificationStore): AsyncGenerator<TrailLink> {
  for (let after = 0; ;) {
    // eslint-disable-next-line no-await-in-loop -- page after page
    const links = await store.trail(after, PAGE)
    yield* links
    const last = links.at(-1)
    if (links.length < PAGE || last === undefined) return
    after = last.position
  }
}

const PAGE = 500

/** How far a request has come, as the trail tells it. */
interface Steps {
  readonly approvals: string[]
  isRefused: boolean
  isRedeemed: boolean
}

function follow({ event, request, person, denied }: TrailEntry, steps: Map<string, Steps>): void {
  if (request === null || denied !== null) return
  if (event === 'requested') steps.set(request, { approvals: [], isRefused: false, isRedeemed: false })
  const known = steps.get(request)
  if (known === undefined) return
  if (event === 'approved' && person !== null) known.approvals.push(person)
  if (event === 'refused') known.isRefused = true
  if (event === 'redeemed') known.isRedeemed = true
}

async function strayRequests(
  store: ReidentificationStore,
  steps: ReadonlyMap<string, Steps>,
): Promise<readonly TrailDamage[]> {
  const requests = await store.requests(Number.MAX_SAFE_INTEGER)
  const known = new Set(requests.map(({ id }) => id))
  const strays = requests.filter((request) => !isAsTold(request, steps.get(request.id))).map(({ id }) => id)
  const lost = [...steps.keys()].filter((id) => !known.has(id))
  return [...strays, ...lost].map((place) => ({ kind: 'REQUEST', place }))
}

const isAsTold = ({ approvals, refusal, redeemedAt }: KeptRequest, told: Steps | undefined): boolean =>
  told !== undefined &&
  approvals.map(({ person }) => person).join('\n') === told.approvals.join('\n') &&
  (refusal !== null) === told.isRefused &&
  (redeemedAt !== null) === told.isRedeemed
