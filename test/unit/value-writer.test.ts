import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { identifyAnyone } from '../../gateway/caller/anyone.ts'
import { createGateway } from '../../gateway/gateway.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { UNENDING } from '../../gateway/lifetime.ts'
import { compose } from '../../schema/compose.ts'

const SDL = 'type Query { thing: Thing } type Thing { a: String b: ID c: Int d: Thing e: [String] f: String }'

/** What a subgraph may send for a String, and what becomes of it. */
const TEXTS: readonly (readonly [sent: unknown, answered: unknown])[] = [
  ['plain', 'plain'],
  ['', ''],
  ['ä ☃ 😀', 'ä ☃ 😀'],
  ['"quoted\\" and \n broken', '"quoted\\" and \n broken'],
  ['\u2028\u0001', '\u2028\u0001'],
  ['\ud800 alone', '\ud800 alone'],
  ['x'.repeat(100), 'x'.repeat(100)],
  ['"' + 'x'.repeat(100), '"' + 'x'.repeat(100)],
  [7, 7],
  [null, null],
  [undefined, null],
]

test('An answer is the JSON of its values, whichever of them stand side by side', async () => {
  let thing: unknown
  const gateway = createGateway({
    supergraph: compose([{ name: 'things', sdl: SDL, url: 'http://things.example' }]).supergraph ?? '',
    subgraphs: { send: () => Promise.resolve({ data: { thing }, errors: [] }) },
    consent: { load: () => Promise.resolve(new Map()) },
    decisionLog: { write: () => Promise.resolve() },
    clock: () => 0,
    log: { error: () => undefined },
  })
  const incoming = () => undefined
  const caller = await identifyAnyone('production')({
    header: incoming,
    document: '',
    operationName: undefined,
  })
  const ask = async (query: string): Promise<unknown> => {
    const request = { document: parse(query), variables: {}, caller, requestId: 'r', lifetime: UNENDING }
    const { data } = await gateway.execute({ ...request, incoming })
    return data instanceof JsonText ? data.text : data
  }
  for (const [a, first] of TEXTS) {
    for (const [f, last] of TEXTS) {
      thing = { a, b: 'b', c: 1, d: { f }, e: [a, f], f }
      const expected = { a: first, b: 'b', c: 1, d: { f: last }, e: [first, last], f: last }
      expect(await ask('{ thing { a b c d { f } e f } }')).toBe(JSON.stringify({ thing: expected }))
    }
    thing = { a, f: 'f' }
    expect(await ask('{ thing { f a } }')).toBe(JSON.stringify({ thing: { f: 'f', a: first } }))
  }
  gateway.close()
})
