import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { PolicySource } from '../../gateway/ports.ts'
import { compose } from '../../schema/compose.ts'
import { staffGraph, staffSubgraphs } from '../support/staff-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { type Ask, type Asked, createWorld } from '../support/world.ts'

const world = createWorld(staffGraph)

/** What came back, what went wrong where, and what was sent. */
const told = ({ data, errors = [], sent }: Asked) => ({
  data,
  errors: errors.map(({ path, extensions }) => `${path?.join('.')} ${String(extensions['code'])}`),
  sent: sentLines(sent),
})
const ask = async (query: string, options: Ask = {}) => told(await world.ask(query, options))
const DENIED = 'UNAUTHORIZED_FIELD_OR_TYPE'

describe('@authenticated', () => {
  test('a field is null for who has proved nothing, with an error at its path, and is not asked of the subgraph', async () => {
    expect(await ask('{ me { name email } }')).toEqual({
      data: { me: { name: 'Ada', email: null } },
      errors: [`me.email ${DENIED}`],
      sent: ['staff: me{name}'],
    })
  })

  test('a caller with a token gets it, whatever the token allows', async () => {
    expect(await ask('{ me { name email } }', { proof: [] })).toEqual({
      data: { me: { name: 'Ada', email: 'ada@staff.example' } },
      errors: [],
      sent: ['staff: me{name email}'],
    })
  })

  test('in a list every place has its error', async () => {
    expect(await ask('{ users { mail: email } }')).toEqual({
      data: { users: [{ mail: null }, { mail: null }] },
      errors: [`users.0.mail ${DENIED}`, `users.1.mail ${DENIED}`],
      sent: ['staff: users{__typename}'],
    })
  })

  test('a field that may not be null takes the nearest place that may be with it', async () => {
    expect(await ask('{ me { name phone } }')).toEqual({
      data: { me: null },
      errors: [`me.phone ${DENIED}`],
      sent: ['staff: me{name}'],
    })
  })

  test('a field of the root that may not be null takes all', async () => {
    expect(await ask('{ head { name } }')).toEqual({ data: null, errors: [`head ${DENIED}`], sent: [] })
  })

  test('a mutation is not sent, and the one beside it is', async () => {
    expect(await ask('mutation { pay ping }')).toEqual({
      data: { pay: null, ping: 1 },
      errors: [`pay ${DENIED}`],
      sent: ['staff: mutation ping'],
    })
  })

  test('a subscription is refused before anything is opened', async () => {
    await expect(world.subscribe('subscription { hired { name } }')).rejects.toMatchObject({ code: DENIED })
  })

  test('a skipped field has no error', async () => {
    const query = 'query ($no: Boolean!) { me { name email @include(if: $no) } }'
    expect((await ask(query, { variables: { no: false } })).errors).toEqual([])
    expect((await ask(query, { variables: { no: true } })).errors).toEqual([`me.email ${DENIED}`])
  })

  test('a type: no field that returns it is asked, not even for its name', async () => {
    expect(await ask('{ invoice { __typename } me { name } }')).toEqual({
      data: { invoice: null, me: { name: 'Ada' } },
      errors: [`invoice ${DENIED}`],
      sent: ['staff: me{name}'],
    })
  })

  test('an enum: no field that returns it is asked', async () => {
    expect(await ask('{ me { level } }')).toMatchObject({
      data: { me: { level: null } },
      errors: [`me.level ${DENIED}`],
      sent: ['staff: me{__typename}'],
    })
  })
})

describe('@requiresScopes', () => {
  const salary = async (proof?: string[]) => (await ask('{ me { salary } }', proof && { proof })).data

  test.each([
    [['pay:read'], 100],
    [['hr', 'admin'], 100],
    [['pay:read', 'hr'], 100],
    [['hr'], null],
    [['pay:rea'], null],
    [['PAY:READ'], null],
    [[], null],
  ])('is an OR of ANDs over the scope claim: %j → %j', async (proof, value) => {
    expect(await salary(proof)).toEqual({ me: { salary: value } })
  })

  test('consent scopes of the contract do not count', async () => {
    expect((await ask('{ me { salary } }', { scopes: ['pay:read'], proof: [] })).data).toEqual({
      me: { salary: null },
    })
  })

  test('what the field asks and what its scalar asks are AND-ed', async () => {
    const query = '{ me { iban } }'
    expect((await ask(query, { proof: ['bank'] })).sent).toEqual(['staff: me{__typename}'])
    expect((await ask(query, { proof: ['pay:read'] })).sent).toEqual(['staff: me{__typename}'])
    expect((await ask(query, { proof: ['pay:read', 'bank'] })).data).toEqual({ me: { iban: 'DE00' } })
  })

  test('what a field requires (@requires) is needed for it: the input does not travel either', async () => {
    const query = '{ me { name risk } }'
    expect(await ask(query, { proof: [] })).toEqual({
      data: { me: { name: 'Ada', risk: null } },
      errors: [`me.risk ${DENIED}`],
      sent: ['staff: me{name}'],
    })
    expect((await ask(query, { proof: ['pay:read'] })).data).toEqual({ me: { name: 'Ada', risk: 'of 100' } })
  })
})

describe('a supergraph whose composition did not look at inputs', () => {
  test('what a field requires is needed for it all the same', async () => {
    const careless = world.supergraph.replace(/(risk: String .*) @requiresScopes\(.*\)/, '$1')
    expect(careless).not.toBe(world.supergraph)
    const { data, sent } = await createWorld({ ...staffGraph, supergraph: careless }).ask(
      '{ me { name risk } }',
    )
    expect(data).toEqual({ me: { name: 'Ada', risk: null } })
    expect(sentLines(sent)).toEqual(['staff: me{name}'])
  })
})

describe('@policy', () => {
  test('holds for clients whose contract names it', async () => {
    const query = '{ me { badge } }'
    expect(await ask(query, { contract: { policies: ['works_council', 'staff'] } })).toMatchObject({
      data: { me: { badge: 'A-1' } },
      sent: ['staff: me{badge}'],
    })
    expect(await ask(query, { contract: { policies: ['works_council'] } })).toEqual({
      data: { me: { badge: null } },
      errors: [`me.badge ${DENIED}`],
      sent: ['staff: me{__typename}'],
    })
  })

  const answered = (policies: PolicySource) =>
    createWorld({ ...staffGraph, policies }).ask('{ me { badge } }', { contract: { policies: ['staff'] } })

  test('is answered by another source where there is one, asked for exactly the policies of the graph', async () => {
    const asked: string[][] = []
    const { data } = await answered({
      holding: async (policies) => {
        asked.push([...policies])
        return ['staff']
      },
    })
    expect(data).toEqual({ me: { badge: 'A-1' } })
    expect(asked).toEqual([['staff']])
  })

  test('does not hold when that source cannot answer', async () => {
    const { data, sent } = await answered({ holding: () => Promise.reject(new Error('down')) })
    expect(data).toEqual({ me: { badge: null } })
    expect(sentLines(sent)).toEqual(['staff: me{__typename}'])
  })
})

describe('interfaces and unions are decided per concrete type', () => {
  test('a field of an interface is asked of the types that show it, and null with its error at the others', async () => {
    expect(await ask('{ documents { id title } }')).toEqual({
      data: { documents: [{ id: 'n1', title: 'Note' }, null] },
      errors: [`documents.1.id ${DENIED}`],
      sent: ['staff: documents{... Memo{id title} ... Note{id title}}'],
    })
    expect((await ask('{ documents { id title } }', { proof: [] })).sent).toEqual([
      'staff: documents{id title}',
    ])
  })

  test('a rule on one field of one type leaves the other types theirs', async () => {
    expect(await ask('{ documents { title } }', { proof: [] })).toMatchObject({
      data: { documents: [{ title: 'Note' }, { title: 'Bill' }] },
    })
    expect(await ask('{ documents { author } }', { proof: [] })).toEqual({
      data: { documents: [{ author: null }, { author: 'Bo' }] },
      errors: [`documents.0.author ${DENIED}`],
      sent: ['staff: documents{... Memo{author} ... Invoice{author}}'],
    })
  })

  test('one response key of two members is decided for each (the shape of the other stays)', async () => {
    expect(await ask('{ hits { ... on User { v: email } ... on Note { v: title } } }')).toEqual({
      data: { hits: [{ v: null }, { v: 'Note' }] },
      errors: [`hits.0.v ${DENIED}`],
      sent: ['staff: hits{... User{__typename} ... Note{v:title}}'],
    })
  })

  test('the name of a type is open where something else may stand', async () => {
    expect((await ask('{ documents { __typename } }')).data).toEqual({
      documents: [{ __typename: 'Note' }, { __typename: 'Invoice' }],
    })
  })

  test('what an interface alone asks binds whoever stands behind it', async () => {
    const { supergraph } = world
    const own = supergraph
      .replace(/ @authenticated \{\n {2}id: ID!\n {2}title/g, ' {\n  id: ID!\n  title')
      .replace(/interface Document[^{]*/, (head) => `${head}@authenticated `)
    const bound = createWorld({ ...staffGraph, supergraph: own })
    const { data, sent } = await bound.ask('{ documents { ... on Note { title } } }')
    expect(data).toEqual({ documents: [{ title: null }, {}] })
    expect(sentLines(sent)).toEqual(['staff: documents{... Note{__typename}}'])
  })

  test('asking types apart does not multiply without end', async () => {
    const nested = (depth: number): string =>
      depth === 0 ? 'author' : `author related { ${nested(depth - 1)} }`
    await expect(world.ask(`{ documents { ${nested(17)} } }`)).rejects.toMatchObject({
      code: 'OPERATION_TOO_LARGE',
    })
  })
})

describe('a deferred part', () => {
  test('is decided like the rest', async () => {
    const { first, rest } = await world.askInParts('{ me { name ... @defer { id email } } }')
    expect(first.data).toEqual({ me: { name: 'Ada' } })
    const parts = (await rest?.())?.increments ?? []
    expect(parts.map(({ data, errors }) => [data, errors?.map(({ path }) => path?.join('.'))])).toEqual([
      [{ id: 'ada', email: null }, ['me.email']],
    ])
  })
})

describe('one document, several callers', () => {
  test('each gets what is its own, in any order', async () => {
    const document = parse('{ me { email salary } }')
    const seen = async (options: Ask) => ((await world.ask(document, options)).data as { me: unknown }).me
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await seen({})).toEqual({ email: null, salary: null })
      expect(await seen({ proof: [] })).toEqual({ email: 'ada@staff.example', salary: null })
      expect(await seen({ proof: ['pay:read'] })).toEqual({ email: 'ada@staff.example', salary: 100 })
    }
  })

  test('a subgraph that sends more than it was asked changes nothing', async () => {
    const generous = createWorld({
      ...staffGraph,
      tamper: () => ({ data: { me: { __typename: 'User', name: 'Ada', email: 'leaked' } }, errors: [] }),
    })
    expect((await generous.ask('{ me { name email } }')).data).toEqual({ me: { name: 'Ada', email: null } })
  })

  test('introspection tells of none of the words', () => {
    const { apiSchema } = world.gateway
    expect(apiSchema.getDirectives().map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/authenticated|requiresScopes|policy/)]),
    )
    expect(Object.keys(apiSchema.getTypeMap())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/__(Scope|Policy)$/)]),
    )
  })
})

describe('in the supergraph', () => {
  const serving = (supergraph: string) => createWorld({ ...staffGraph, supergraph })

  test('the words may be renamed by their links', async () => {
    const renamed = world.supergraph
      .replace(
        'authenticated/v0.1"',
        'authenticated/v0.1", import: [{ name: "@authenticated", as: "@login" }]',
      )
      .replaceAll(/@authenticated(?!")/g, '@login')
      .replace('requiresScopes/v0.1"', 'requiresScopes/v0.1", as: "oauth"')
      .replaceAll('@requiresScopes', '@oauth__requiresScopes')
      .replaceAll('requiresScopes__Scope', 'oauth__Scope')
    expect(renamed).toContain('@login')
    const { data, sent } = await serving(renamed).ask('{ me { name email salary } }')
    expect(data).toEqual({ me: { name: 'Ada', email: null, salary: null } })
    expect(sentLines(sent)).toEqual(['staff: me{name}'])
  })

  test.each(['authenticated/v0.2', 'policy/v1.0', 'requiresScopes/v0.11'])(
    'a version that is not known here is refused: %s',
    (version) => {
      const [word = ''] = version.split('/')
      const newer = world.supergraph.replace(`${word}/v0.1`, version)
      expect(() => serving(newer)).toThrow(expect.objectContaining({ code: 'SUPERGRAPH_UNSUPPORTED' }))
    },
  )

  test.each(['[]', '[[]]', '[["pay:read"], []]', '[[" "]]'])('an empty list is refused: %s', (scopes) => {
    const empty = world.supergraph.replace('scopes: [["pay:read"], ["hr", "admin"]]', `scopes: ${scopes}`)
    expect(empty).not.toBe(world.supergraph)
    expect(() => serving(empty)).toThrow(/ACCESS_LIST_EMPTY \(User.salary\)/)
  })
})

describe('composition', () => {
  const sources = staffSubgraphs.map(({ name, sdl }) => ({
    name,
    sdl,
    url: `http://${name}.example/graphql`,
  }))
  const violations = (replace: string, by: string) =>
    compose(sources.map((source) => ({ ...source, sdl: source.sdl.replace(replace, by) }))).violations.map(
      ({ code, coordinate, line }) => `${code} ${coordinate} ${line}`,
    )

  test('carries the words, marked as security', () => {
    expect(compose(sources).violations).toEqual([])
    for (const word of ['authenticated', 'requiresScopes', 'policy'])
      expect(world.supergraph).toContain(`@link(url: "https://specs.apollo.dev/${word}/v0.1", for: SECURITY)`)
  })

  test.each(['scopes: []', 'scopes: [[]]', 'scopes: [["a"], []]'])('refuses an empty list: %s', (scopes) => {
    expect(violations('scopes: [["pay:read"], ["hr", "admin"]]', scopes)).toContain(
      'ACCESS_LIST_EMPTY User.salary 20',
    )
  })

  test('refuses a list without bound', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `["s${index}"]`).join()
    expect(violations('[["pay:read"], ["hr", "admin"]]', `[${many}]`)).toContain(
      'ACCESS_LIST_TOO_LONG User.salary 20',
    )
  })

  test('refuses a field that asks less than its input', () => {
    expect(
      violations(
        '@requires(fields: "salary") @sc(scopes: [["pay:read"], ["hr", "admin"]])',
        '@requires(fields: "salary")',
      ).join(),
    ).toContain('MISSING_TRANSITIVE_AUTH_REQUIREMENTS')
  })
})
