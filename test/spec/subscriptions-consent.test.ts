import { describe, expect, test } from 'vitest'
import { leaked } from '../support/canaries.ts'
import { peopleEvents } from '../support/people-events.ts'
import { canary } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld } from '../support/world.ts'

const email = (person: string): string => canary(person, 'email')

describe('consent is asked for every event of a subscription', () => {
  test('a field is withheld from the very next event after its withdrawal, and asked for again once it is given again', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe('subscription { arrived { name email } }')

    events.channel().emit(['ada'])
    const before = await stream.next()
    expect(before?.data).toEqual({ arrived: { name: 'Ada', email: email('ada') } })
    expect(sentLines(before?.sent ?? [])).toEqual([
      'people: subscription arrived{name id}',
      'people: _entities(Person ada){id email}',
    ])

    events.consents['ada'] = { contact: 'withdrawn' }
    events.channel().emit(['ada'])
    const after = await stream.next()
    expect(after?.data).toEqual({ arrived: { name: 'Ada', email: null } })
    expect(after?.withheld).toEqual(['Person.email arrived.email WITHDRAWN 1'])
    expect(sentLines(after?.sent ?? [])).toEqual([])
    expect(leaked(after!, [])).toEqual([])

    events.consents['ada'] = { contact: 'renewed' }
    events.channel().emit(['ada'])
    expect((await stream.next())?.data).toEqual({ arrived: { name: 'Ada', email: email('ada') } })
    await stream.stop()
  })

  test('each person of an event is asked about, in one question an event', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe('subscription { changed { id email } }')

    events.channel().emit(['ada', 'bo', 'cyd'])
    const first = await stream.next()
    expect(first?.data).toEqual({
      changed: [
        { id: 'ada', email: email('ada') },
        { id: 'bo', email: null },
        { id: 'cyd', email: email('cyd') },
      ],
    })
    expect(first?.consentCalls).toEqual([['ada', 'bo', 'cyd']])

    events.channel().emit(['ada'])
    expect((await stream.next())?.consentCalls).toEqual([['ada']])
    await stream.stop()
  })

  test('every event has its own decisions on record', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe('subscription { arrived { email } }')

    events.channel().emit(['ada'])
    expect((await stream.next())?.records).toMatchObject([
      { subject: 'ada', granted: { 'Person.email': ['receipt-ada-contact'] }, denied: {} },
    ])
    events.channel().emit(['bo'])
    expect((await stream.next())?.records).toMatchObject([
      { subject: 'bo', granted: {}, denied: { 'Person.email': 'REFUSED' } },
    ])
    await stream.stop()
  })

  test('what an event withheld is not told again with the next one', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe('subscription { arrived { email } }')

    events.channel().emit(['bo'])
    expect((await stream.next())?.withheld).toEqual(['Person.email arrived.email REFUSED 1'])
    events.channel().emit(['ada'])
    expect((await stream.next())?.withheld).toEqual([])
    await stream.stop()
  })

  test('an event that could not be recorded is an error in its place, and the next is answered', async () => {
    const events = peopleEvents()
    let writable = false
    const world = createWorld({
      ...events,
      decisionLog: {
        write: () => (writable ? Promise.resolve() : Promise.reject(new Error('no space left'))),
      },
    })
    const stream = await world.subscribe('subscription { arrived { email } }')

    events.channel().emit(['ada'])
    const refused = await stream.next()
    expect(refused?.data).toBeNull()
    expect(refused?.errors?.map(({ extensions }) => extensions['code'])).toEqual(['DECISION_LOG_UNWRITABLE'])

    writable = true
    events.channel().emit(['ada'])
    expect((await stream.next())?.data).toEqual({ arrived: { email: email('ada') } })
    await stream.stop()
  })

  test('a later part of the plan is fenced as the first: what needs a withheld input is not fetched', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe('subscription { arrived { churn } }')

    events.channel().emit(['ada'])
    const granted = await stream.next()
    expect(granted?.data).toEqual({
      arrived: { churn: `${canary('ada', 'churn')} from ${email('ada')}` },
    })

    events.channel().emit(['cyd'])
    const withheld = await stream.next()
    expect(withheld?.data).toEqual({ arrived: { churn: null } })
    expect(sentLines(withheld?.sent ?? [])).toEqual([])
    await stream.stop()
  })
})

describe('a subgraph that tells more than it was asked for tells nobody', () => {
  test('protected values inside an event are dropped, whoever gave consent', async () => {
    const events = peopleEvents()
    const world = createWorld({
      ...events,
      tamper: (request, response) =>
        request.document.startsWith('subscription')
          ? {
              data: {
                arrived: {
                  __typename: 'Person',
                  id: 'bo',
                  name: 'Bo',
                  email: email('bo'),
                  ssn: canary('bo', 'ssn'),
                },
              },
              errors: [],
            }
          : response,
    })
    const stream = await world.subscribe('subscription { arrived { name email } }')

    events.channel().emit(['bo'])
    const answer = await stream.next()
    expect(answer?.data).toEqual({ arrived: { name: 'Bo', email: null } })
    await stream.stop()
  })

  test('an event about another person is judged as about that person', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe(
      'subscription { arrived { name bestFriend { name email } } }',
    )
    events.channel().emit(['ada'])
    const answer = await stream.next()
    expect(answer?.data).toEqual({ arrived: { name: 'Ada', bestFriend: { name: 'Bo', email: null } } })
    expect(answer?.consentCalls).toEqual([['bo']])
    await stream.stop()
  })
})
