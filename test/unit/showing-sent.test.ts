import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { recordSubgraphs } from '../../gateway/adapters/recording-subgraphs.ts'
import { createGateway } from '../../gateway/gateway.ts'
import { showingSent } from '../../gateway/start/showing-sent.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { callerWith, createWorld, NO_TRANSPORT, NOW, statesOf } from '../support/world.ts'

const subgraphs = recordSubgraphs({
  send: async () => ({ data: { person: { __typename: 'Person', id: 'ada', name: 'Ada' } }, errors: [] }),
})
const gateway = createGateway({
  supergraph: createWorld(peopleGraph).supergraph,
  subgraphs,
  consent: { load: async (people) => statesOf(peopleGraph.consents, people) },
  decisionLog: { write: () => Promise.resolve() },
  clock: () => NOW,
  log: { error: () => undefined },
})

const ask = (header: string | undefined) =>
  showingSent(gateway, subgraphs).execute({
    document: parse('{ person(id: "ada") { name } }'),
    variables: {},
    caller: callerWith({ scopes: [] }),
    requestId: 'request-1',
    ...NO_TRANSPORT,
    incoming: (name) => (name === 'x-assent-show' ? header : undefined),
  })

test('a request that asks what was sent for it is told, and no other is', async () => {
  expect((await ask('sent')).extensions).toMatchObject({
    sent: [{ subgraph: 'people', representations: 0, scopes: [] }],
  })
  for (const header of [undefined, '', 'all']) expect((await ask(header)).extensions).toBeUndefined()
})
