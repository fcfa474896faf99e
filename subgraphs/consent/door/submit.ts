import type { IncomingHttpHeaders } from 'node:http'
import type { Receipt, ReceiptStatus } from '../receipts/receipt.ts'
import { writeReceipts } from '../receipts/write-receipts.ts'
import type { Person } from './person-token.ts'
import type { DoorParts } from './ports.ts'
import { type Proof, verifyProof } from './proof.ts'
import { atStore, Refusal } from './refusal.ts'
import type { Action, Statement } from './statement.ts'

export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/**
 * Proves that this person's browser made exactly this submission, here, now and never before. Nothing is remembered of
 * one that is refused but the key its token belongs to.
 */
export async function provenSubmission(
  { firstSeen, settings, clock }: DoorParts,
  person: Person,
  { method, path, headers, text }: Sent,
): Promise<{ readonly proof: Proof; readonly evidence: string }> {
  const evidence = headers['consent-proof']
  if (typeof evidence !== 'string' || evidence.length > 4096)
    throw new Refusal('PROOF_MISSING', 'header consent-proof')
  if (person.key === null && !settings.takesUnbound) throw new Refusal('TOKEN_NOT_BOUND', 'claim cnf')
  const url = settings.url()
  const now = clock()
  const proof = await verifyProof(
    evidence,
    { method, url: url + path, origin: headers.origin, body: text, token: person.token },
    { origins: new Set([url, ...settings.origins]), seconds: settings.proofSeconds, now },
  )
  if (proof.key !== (person.key ?? (await keyOf(person, proof)))) throw new Refusal('PROOF_OF_ANOTHER_KEY')
  const spent = await atStore(() =>
    firstSeen.remember(`proof:${proof.key}:${proof.id}`, '', { now, until: proof.until }),
  )
  if (!spent.isNew) throw new Refusal('PROOF_REPLAYED', 'claim jti')
  return { proof, evidence }

  /** A token that names no key belongs to the first that signs beside it, until it runs out. */
  async function keyOf({ token, expiresAt }: Person, { key }: Proof): Promise<string> {
    const bound = await atStore(() =>
      // A second longer than the token is taken, clocks' tolerance included.
      firstSeen.remember(`token:${token}`, key, { now, until: expiresAt + 6_000 }),
    )
    return bound.value
  }
}

/**
 * Writes what the person said, once for each statement id, however often and through however many replicas it is sent:
 * what is sent again is answered with the receipts it has.
 */
export async function writeOnce(
  { clock, store, vocabulary, responsible, refusePlace }: DoorParts,
  { pid }: Person,
  { statement, proof }: { readonly statement: Statement; readonly proof: string },
): Promise<readonly Receipt[]> {
  const now = clock()
  const { id, action, secondsAgo, ...said } = statement
  // A no is taken wherever it is said.
  if (action === 'give') refusePlace?.(said)
  const input = {
    ...said,
    ...responsible,
    pid,
    statement: id,
    status: STATUS[action],
    legalBasis: action === 'give' ? CONSENT : null,
    expiresAt: action === 'give' ? said.expiresAt : null,
    at: secondsAgo === 0 ? null : new Date(now - secondsAgo * 1000).toISOString(),
    source: 'person',
    withdrawalMethod: 'preference centre',
    proof,
  }
  return atStore(() => writeReceipts(store, input, { vocabulary, now, actor: pid }))
}

/** GDPR Art. 6(1)(a), in the words of DPV. */
const CONSENT = 'dpv-gdpr:A6-1-a'

const STATUS: Readonly<Record<Action, ReceiptStatus>> = {
  give: 'given',
  refuse: 'refused',
  withdraw: 'withdrawn',
}
