import { codedError } from '../coded-error.ts'
import type { Resolvers, SubgraphContext } from '../serve.ts'
import type { Asker, ShownRequest } from './reidentification/asking.ts'
import { type RequestState, stateOf } from './reidentification/kept-request.ts'
import type { Reidentification } from './reidentification/reidentification.ts'
import type { ReidentificationInput } from './reidentification/request-reidentification.ts'

/** The one purpose for which anybody may even ask. */
const PURPOSE = 'legal_request'

/** The way back from a pid, in GraphQL. Without the settings for it nobody may do any of it. */
export function reidentificationFields<L>(reidentification: Reidentification | null): {
  readonly Query: Resolvers<L>[string]
  readonly Mutation: Resolvers<L>[string]
} {
  const step =
    (take: (desk: Reidentification, asker: Asker, id: string) => Promise<ShownRequest>) =>
    async (_: unknown, { id }: { id: string }, context: SubgraphContext<L>) =>
      inWords(await take(deskOf(reidentification), askerOf(context), id), context.clock())
  return {
    Query: {
      async reidentifications(_, { state = null, first }: ListArguments, context) {
        const listed = await deskOf(reidentification).list(askerOf(context), { state, first })
        return listed.map((request) => inWords(request, context.clock()))
      },
      async reidentificationTrail(_, { after, first }: TrailArguments, context) {
        const entries = await deskOf(reidentification).trail(askerOf(context), { after, first })
        return entries.map(({ at, event, ...entry }) => ({
          ...entry,
          at: new Date(at).toISOString(),
          event: event.replaceAll(' ', '_').toUpperCase(),
        }))
      },
    },
    Mutation: {
      requestReidentification: async (_, { input }: { input: ReidentificationInput }, context) =>
        inWords(await deskOf(reidentification).request(askerOf(context), input), context.clock()),
      approveReidentification: step((desk, asker, id) => desk.approve(asker, id)),
      refuseReidentification: step((desk, asker, id) => desk.refuse(asker, id)),
      redeemReidentification: async (_, { id }: { id: string }, context) => {
        const { request, values } = await deskOf(reidentification).redeem(askerOf(context), id)
        return { id: request.id, pid: request.pid, values }
      },
    },
  }
}

interface ListArguments {
  readonly state?: RequestState | null
  readonly first: number
}

interface TrailArguments {
  readonly after: number
  readonly first: number
}

function deskOf(reidentification: Reidentification | null): Reidentification {
  if (reidentification === null)
    throw codedError('REIDENTIFICATION_NOT_ALLOWED', 'setting `identity.reidentification`')
  return reidentification
}

/** Who asks is what the gateway has proved; asked directly, nobody asks. */
function askerOf({ grant }: SubgraphContext): Asker {
  if (grant?.purpose !== PURPOSE) throw codedError('PURPOSE_NOT_ALLOWED', `\`${PURPOSE}\``)
  return { name: grant.actor, client: grant.client, purpose: grant.purpose }
}

function inWords(request: ShownRequest, now: number): object {
  const { ticket, requestedAt, expiresAt, redeemedAt, approvals, refusal, ...rest } = request
  const step = ({ person, at }: ShownRequest['approvals'][number]): object => ({ person, at: instant(at) })
  return {
    ...rest,
    legalTicket: ticket,
    state: stateOf(request, now),
    requestedAt: instant(requestedAt),
    expiresAt: instant(expiresAt),
    redeemedAt: redeemedAt === null ? null : instant(redeemedAt),
    approvals: approvals.map(step),
    refusal: refusal === null ? null : step(refusal),
  }
}

const instant = (ms: number): string => new Date(ms).toISOString()
