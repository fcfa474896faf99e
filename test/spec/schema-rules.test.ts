import { describe, expect, test } from 'vitest'
import { compose, type SubgraphSource } from '../../schema/compose.ts'

const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@shareable", "@external", "@requires", "@interfaceObject", "@context", "@fromContext"]) @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject", "@dataContract"])`

/** The header is line 1, so the schema below it starts at line 2. */
const graph = (...bodies: string[]): SubgraphSource[] =>
  bodies.map((body, index) => ({
    name: `s${index + 1}`,
    url: `http://127.0.0.1/${index}`,
    sdl: `${HEAD}\n${body.trim()}`,
  }))

const violations = (...bodies: string[]) =>
  compose(graph(...bodies)).violations.map(({ code, severity, subgraph, coordinate, line }) =>
    [severity === 'warning' ? `warning ${code}` : code, subgraph, coordinate, line].join(' '),
  )

const ADA = 'type Query { ada: Person }\n'
const PERSON = 'type Person @key(fields: "pid") @dataSubject(key: "pid") {'

describe('a scope list is not empty', () => {
  test('one scope, alternatives and groups pass', () => {
    expect(
      violations(`${ADA}${PERSON} pid: ID!
        a: Int @requiresScope(scope: "analytics")
        b: Int @requiresScope(scope: ["analytics", "profiling"])
        c: Int @requiresScope(scope: [["analytics", "profiling"]]) }`),
    ).toEqual([])
  })

  for (const scope of [
    '[]',
    '[[]]',
    '""',
    '" "',
    '[["analytics"], []]',
    '["analytics", ""]',
    '5',
    '[["analytics", 5]]',
    '{ a: 1 }',
  ])
    test(`${scope} is refused`, () => {
      expect(violations(`${ADA}${PERSON}\n pid: ID!\n a: Int @requiresScope(scope: ${scope}) }`)).toEqual([
        'SCOPE_LIST_EMPTY s1 Person.a 5',
      ])
    })

  test('a thousand alternatives are refused', () => {
    const scope = JSON.stringify(Array.from({ length: 1000 }, () => 'analytics'))
    expect(violations(`${ADA}${PERSON}\n pid: ID!\n a: Int @requiresScope(scope: ${scope}) }`)).toEqual([
      'SCOPE_LIST_TOO_LONG s1 Person.a 5',
    ])
  })
})

describe('a scope is known', () => {
  for (const scope of ['crm', 'Analytics', 'analytics '])
    test(`${JSON.stringify(scope)} is not`, () => {
      expect(violations(`${ADA}${PERSON}\n pid: ID!\n a: Int @requiresScope(scope: "${scope}") }`)).toEqual([
        'SCOPE_UNKNOWN s1 Person.a 5',
      ])
    })
})

describe('a protected field has one subject', () => {
  test('a value type reached only through people passes', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! home: Home }\ntype Home { street: String @requiresScope(scope: "crm_contact") }`,
      ),
    ).toEqual([])
  })

  test('a value type that a root reaches in another subgraph is refused', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! home: Home }\ntype Home @shareable {\n street: String @requiresScope(scope: "crm_contact") }`,
        'type Query { shops: [Shop!] }\ntype Shop { home: Home }\ntype Home @shareable { street: String }',
      ),
    ).toEqual(['PROTECTED_WITHOUT_SUBJECT s1 Home.street 5', 'PROTECTED_WITHOUT_SUBJECT s2 Home.street 4'])
  })

  test('a value type reached through an interface of a root is refused', () => {
    expect(
      violations(
        `type Query { node: Node }\ninterface Node { id: ID! }\ntype Box implements Node { id: ID! home: Home }\n${PERSON} pid: ID! home: Home }\ntype Home {\n street: String @requiresScope(scope: "crm_contact") }`,
      ),
    ).toEqual(['PROTECTED_WITHOUT_SUBJECT s1 Home.street 7'])
  })

  test('an entity of nobody is refused, and what it leads to', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! card: Card }\ntype Shop @key(fields: "id") { id: ID!\n ad: Int @requiresScope(scope: "analytics") card: Card }\ntype Card {\n no: Int @requiresScope(scope: "analytics") }`,
      ),
    ).toEqual(['PROTECTED_WITHOUT_SUBJECT s1 Shop.ad 5', 'PROTECTED_WITHOUT_SUBJECT s1 Card.no 7'])
  })

  test('a root field is refused, also by the scalar it returns', () => {
    expect(
      violations(
        'scalar Ssn @requiresScope(scope: "profiling")\ntype Query {\n a: Int @requiresScope(scope: "analytics")\n b: Ssn }',
      ),
    ).toEqual(['PROTECTED_WITHOUT_SUBJECT s1 Query.a 4', 'PROTECTED_WITHOUT_SUBJECT s1 Query.b 5'])
  })

  test('a root field may not filter by a protected value', () => {
    expect(
      violations(
        `scalar Ssn @requiresScope(scope: "profiling")\ntype Query {\n find(by: Filter): Person }\ninput Filter { and: Filter ssn: Ssn }\n${PERSON} pid: ID! ssn: Ssn }`,
      ),
    ).toEqual(['PROTECTED_ROOT_INPUT s1 Query.find 4'])
  })

  test('a subgraph that protects a field says itself whose the type is', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! }`,
        'type Person @key(fields: "pid") { pid: ID!\n a: Int @requiresScope(scope: "analytics") }',
      ),
    ).toEqual(['SUBJECT_NOT_DECLARED s2 Person.a 3'])
  })
})

describe('a protected field is not a key', () => {
  test('a rule on the whole type spares its keys', () => {
    expect(
      violations(
        `${ADA}type Person @key(fields: "pid") @dataSubject(key: "pid") @requiresScope(scope: "analytics") { pid: ID! a: Int }`,
      ),
    ).toEqual([])
  })

  test('a rule on the key field, or on the scalar it returns, is refused', () => {
    expect(
      violations(
        `${ADA}type Person @key(fields: "pid") @key(fields: "ids { ssn }") @dataSubject(key: "pid") {\n pid: ID! @requiresScope(scope: "analytics")\n ids: Ids! }\ntype Ids {\n ssn: Ssn }\nscalar Ssn @requiresScope(scope: "profiling")`,
      ),
    ).toEqual(expect.arrayContaining(['PROTECTED_KEY s1 Person.pid 4', 'PROTECTED_KEY s1 Ids.ssn 7']))
  })
})

describe('a subject key names one person', () => {
  test('a path to one leaf passes', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! orders: [Order!] }\ntype Order @key(fields: "id") @dataSubject(key: "customer { pid }") { id: ID! customer: Person! a: Int @requiresScope(scope: "analytics") }`,
      ),
    ).toEqual([])
  })

  for (const key of ['', 'pid a', 'pid {', 'nope', 'list', 'number'])
    test(`${JSON.stringify(key)} is refused`, () => {
      expect(
        violations(
          `${ADA}type Person @key(fields: "pid") @dataSubject(key: ${JSON.stringify(key)}) { pid: ID! a: Int list: [ID!] number: Int }`,
        ),
      ).toEqual(['SUBJECT_KEY_INVALID s1 Person 3'])
    })

  test('two subgraphs with two keys are refused', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! }`,
        'type Person @key(fields: "pid") @dataSubject(key: "id") { pid: ID! id: ID! }',
      ),
    ).toEqual(expect.arrayContaining(['SUBJECT_KEY_DIFFERS s2 Person 2']))
  })
})

describe('a subject has a resolvable key', () => {
  test('a subgraph that only points at a person needs none', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! a: Int @requiresScope(scope: "analytics") }`,
        'type Query { bo: Person }\ntype Person @key(fields: "pid", resolvable: false) { pid: ID! }',
      ),
    ).toEqual([])
  })

  test('a subgraph that answers something protected does, value types included', () => {
    expect(
      violations(
        `${ADA}type Person @key(fields: "pid", resolvable: false) @dataSubject(key: "pid") { pid: ID! home: Home }\ntype Home { street: String @requiresScope(scope: "crm_contact") }`,
      ),
    ).toEqual(['SUBJECT_KEY_NOT_RESOLVABLE s1 Person 3'])
  })

  test('the subject key can be selected there', () => {
    expect(
      violations(
        `${ADA}type Person @key(fields: "pid") @key(fields: "no") @dataSubject(key: "pid") { pid: ID! no: ID! }`,
        'type Person @key(fields: "no") @dataSubject(key: "pid") { no: ID! a: Int @requiresScope(scope: "analytics") }',
      ),
    ).toEqual(['SUBJECT_KEY_NOT_SELECTABLE s2 Person 2'])
  })
})

describe('an interface says what its implementers say', () => {
  const people = (
    onInterface: string,
    onPerson: string,
    onCompany = '',
  ) => `type Query { contacts: [Contactable!]! }
interface Contactable {
  email: String ${onInterface} }
${PERSON} pid: ID! email: String ${onPerson} }
type Company ${onCompany}{ id: ID! email: String }`
  const both = (sdl: string) =>
    sdl
      .replace('type Person ', 'type Person implements Contactable ')
      .replace('type Company', 'type Company implements Contactable')

  test('a rule on the person only is refused: the interface is a second way to the same value', () => {
    expect(violations(both(people('', '@requiresScope(scope: "crm_contact")')))).toEqual([
      'INTERFACE_SAYS_LESS s1 Contactable.email 4',
    ])
  })

  test('a weaker rule on the interface is refused', () => {
    expect(
      violations(
        both(
          people(
            '@requiresScope(scope: ["crm_contact", "analytics"])',
            '@requiresScope(scope: "crm_contact")',
          ),
        ),
      ),
    ).toEqual(expect.arrayContaining(['INTERFACE_SAYS_LESS s1 Contactable.email 4']))
  })

  test('a rule on the interface is inherited; who is nobody’s data stays open, with a warning', () => {
    expect(violations(both(people('@requiresScope(scope: "crm_contact")', '')))).toEqual([
      'warning INTERFACE_IMPLEMENTER_OPEN s1 Company.email 6',
    ])
  })
})

describe('an input carries its scopes', () => {
  const owner = `${ADA}${PERSON} pid: ID! email: String @requiresScope(scope: "crm_contact") friend: Person }`
  const scorer = (fields: string) => `type Person @key(fields: "pid") @dataSubject(key: "pid") {
 pid: ID! email: String @external ${fields.includes('friend') ? 'friend: Person @external' : ''}
 ${fields} }`

  test('a dependent with the scopes passes', () => {
    expect(
      violations(
        owner,
        scorer(
          'churn: Float @requires(fields: "email") @requiresScope(scope: [["crm_contact", "analytics"]])',
        ),
      ),
    ).toEqual([])
  })

  test('a dependent without them is refused, with what to add', () => {
    const { violations: found } = compose(graph(owner, scorer('churn: Float @requires(fields: "email")')))
    expect(found).toMatchObject([
      {
        code: 'INPUT_SCOPES_MISSING',
        subgraph: 's2',
        coordinate: 'Person.churn',
        line: 4,
        remedy: 'Add to Person.churn: @requiresScope(scope: "crm_contact")',
      },
    ])
  })

  test('a chain is followed to its end', () => {
    expect(
      violations(
        owner,
        scorer('churn: Float @requires(fields: "email")'),
        `${PERSON} pid: ID! churn: Float @external\n risk: Int @requires(fields: "churn") }`,
      ),
    ).toEqual(['INPUT_SCOPES_MISSING s2 Person.churn 4', 'INPUT_SCOPES_MISSING s3 Person.risk 3'])
  })

  test('an input of another person is refused, whatever the scopes', () => {
    expect(
      violations(
        owner,
        scorer('churn: Float @requires(fields: "friend { email }") @requiresScope(scope: "crm_contact")'),
      ),
    ).toEqual(['INPUT_OF_ANOTHER_PERSON s2 Person.churn 4'])
  })

  test('a value from a context is refused beside personal data', () => {
    expect(
      violations(
        `${ADA}type Person @key(fields: "pid") @dataSubject(key: "pid") @context(name: "person") { pid: ID! email: String @requiresScope(scope: "crm_contact") home: Home }
type Home @key(fields: "id") { id: ID!
 greeting(to: String @fromContext(field: "$person { email }")): String }`,
      ),
    ).toEqual(expect.arrayContaining(['CONTEXT_UNSUPPORTED s1 Home.greeting 5']))
  })
})

describe('a withheld value may be null', () => {
  const consequence = (field: string, sdl: string) =>
    compose(graph(sdl))
      .violations.map(({ code, coordinate, message }) =>
        [code, coordinate, message.split(', ').at(-1)].join(' · '),
      )
      .filter((line) => line.includes(field))

  test('a non-null protected field is warned of, with what becomes null', () => {
    expect(violations(`${ADA}${PERSON} pid: ID!\n a: Int! @requiresScope(scope: "analytics") }`)).toEqual([
      'warning WITHHELD_NON_NULL s1 Person.a 4',
    ])
    expect(
      consequence(
        'Person.a',
        `type Query { all: [Person!]! }\n${PERSON} pid: ID! a: Int! @requiresScope(scope: "analytics") }`,
      ),
    ).toEqual(['WITHHELD_NON_NULL · Person.a · the whole answer becomes null'])
    expect(
      consequence(
        'Person.a',
        `type Query { all: [Person]! page: Page }\ntype Page { of: [Person!]! }\n${PERSON} pid: ID! a: [Int]! @requiresScope(scope: "analytics") }`,
      ),
    ).toEqual(['WITHHELD_NON_NULL · Person.a · Query.page or an item of Query.all becomes null'])
  })

  test('a default for nobody needs no null', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! a: [Int]! @requiresScope(scope: "analytics", otherwise: ANONYMOUS) }`,
      ),
    ).toEqual([])
  })
})

describe('a default for nobody needs one key', () => {
  test('a nested subject key cannot be the reserved one', () => {
    expect(
      violations(
        `${ADA}${PERSON} pid: ID! }\ntype Order @key(fields: "id") @dataSubject(key: "customer { pid }") { id: ID! customer: Person!\n a: Int @requiresScope(scope: "analytics", otherwise: ANONYMOUS) }`,
      ),
    ).toEqual(['ANONYMOUS_KEY_UNUSABLE s1 Order.a 5'])
  })

  test('nor can a key of two fields be asked with it, on value types either', () => {
    expect(
      violations(
        `${ADA}type Person @key(fields: "pid region") @dataSubject(key: "pid") { pid: ID! region: ID! tips: Tips }\ntype Tips {\n a: Int @requiresScope(scope: "analytics", otherwise: ANONYMOUS) }`,
      ),
    ).toEqual(['ANONYMOUS_KEY_UNUSABLE s1 Tips.a 5'])
  })
})
