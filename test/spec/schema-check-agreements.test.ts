import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { changed, type Files, reportOf } from '../support/schema-check/change.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const filesOf = (folder: string): Files =>
  Object.fromEntries(
    readdirSync(root + folder)
      .filter((file) => /\.(yaml|graphql)$/.test(file))
      .map((file) => [`${folder}/${file}`, readFileSync(`${root}${folder}/${file}`, 'utf8')]),
  )

const [events, features, policies] = ['events', 'features', 'policies'].map(filesOf) as [Files, Files, Files]
/** With the texts of their registered operations. */
const clients: Files = { ...filesOf('clients'), ...filesOf('operations') }

/** The same files, in one of them one text for another. */
const edited = (files: Files, file: string, from: string, to: string): Files => {
  const text = files[file] ?? ''
  expect(text).toContain(from)
  return { ...files, [file]: text.replace(from, to) }
}

const without = (files: Files, file: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== file))

describe('Event contracts', () => {
  test('unchanged say nothing', async () => {
    expect(await changed(events, events)).toEqual([])
  })

  test('that weaken are told at their line, with who answers for them', async () => {
    const head = edited(events, 'events/page_view.yaml', 'retention: P13M', 'retention: P3Y')
    const { findings } = await reportOf(events, head)
    expect(findings).toMatchObject([
      {
        code: 'EVENT_RETENTION_LENGTHENED',
        level: 'error',
        direction: 'loosens',
        coordinate: 'event page_view@1 retention',
        source: { file: 'events/page_view.yaml', line: 10 },
        approval: { by: 'team-web' },
      },
    ])
    expect(await changed(head, events)).toEqual([
      'note EVENT_RETENTION_SHORTENED event page_view@1 retention',
    ])
  })

  test('that break are told', async () => {
    const head = edited(events, 'events/page_view.yaml', 'maxLength: 32', 'maxLength: 16')
    expect(await changed(events, head)).toEqual([
      'error EVENT_FIELD_NARROWED event page_view@1 fields.properties.sku.maxLength',
    ])
  })

  test('with a fault are told by file and line', async () => {
    const head = edited(events, 'events/page_view.yaml', 'owner: team-web\n', '')
    const { findings } = await reportOf(events, head)
    expect(findings[0]).toMatchObject({
      kind: 'composition',
      level: 'error',
      source: { file: 'events/page_view.yaml' },
    })
  })
})

describe('Feature definitions', () => {
  const both = { ...events, ...features }

  test('unchanged say nothing', async () => {
    expect(await changed(both, both)).toEqual([])
  })

  test.each<[string, string, string[], string[]]>([
    [
      'purpose: [personalization, model_training]',
      'purpose: [personalization]',
      ['note PURPOSE_REMOVED feature average_basket_365d purpose'],
      ['error PURPOSE_ADDED feature average_basket_365d purpose'],
    ],
    [
      'consumers: [explorer]',
      'consumers: [explorer, adtech]',
      ['error CONSUMER_ADDED feature average_basket_365d consumer'],
      ['note CONSUMER_REMOVED feature average_basket_365d consumer'],
    ],
    [
      'disposition: purge',
      'disposition: retain',
      ['error DISPOSITION_LOOSENED feature average_basket_365d disposition'],
      ['note DISPOSITION_TIGHTENED feature average_basket_365d disposition'],
    ],
    [
      'window: P365D',
      'window: P30D',
      ['warning FEATURE_MEANING_CHANGED feature average_basket_365d aggregation.window'],
      ['error FEATURE_WINDOW_LENGTHENED feature average_basket_365d aggregation.window'],
    ],
    [
      'field: averageBasket365d',
      'field: meanBasket',
      ['error FEATURE_FIELD_CHANGED feature average_basket_365d field'],
      ['error FEATURE_FIELD_CHANGED feature average_basket_365d field'],
    ],
    [
      "explanation: 'The mean",
      "anonymous: 0\nexplanation: 'The mean",
      ['error ANONYMOUS_ADDED feature average_basket_365d anonymous'],
      ['note ANONYMOUS_REMOVED feature average_basket_365d anonymous'],
    ],
  ])('%s → %s', async (from, to, told, back) => {
    const head = edited(both, 'features/average_basket_365d.yaml', from, to)
    expect(await changed(both, head)).toEqual(told)
    expect(await changed(head, both)).toEqual(back)
  })

  test('that read an event nobody sends any more are told', async () => {
    const head = without(both, 'events/purchase.yaml')
    const { findings } = await reportOf(both, head)
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'FEATURE_SOURCE_UNKNOWN',
        level: 'error',
        source: expect.objectContaining({ file: 'features/average_basket_365d.yaml' }),
      }),
    )
  })

  test('that read a field that vanished are told', async () => {
    const text = both['events/add_to_cart.yaml'] ?? ''
    const head = { ...both, 'events/add_to_cart.yaml': text.replaceAll('sku', 'product') }
    const base = {
      ...both,
      'features/last_added.yaml': (both['features/last_product_viewed.yaml'] ?? '')
        .replace('last_product_viewed', 'last_added')
        .replace('lastProductViewed', 'lastAdded')
        .replaceAll('page_view', 'add_to_cart'),
    }
    expect(await changed(base, base)).toEqual([])
    const told = await changed(base, {
      ...base,
      ...head,
      'features/last_added.yaml': base['features/last_added.yaml'],
    })
    expect(told.join('\n')).toContain('FEATURE_SOURCE_FIELD_UNKNOWN')
  })

  test('that are gone are told', async () => {
    expect(await changed(both, without(both, 'features/average_basket_365d.yaml'))).toEqual([
      'error FEATURE_REMOVED feature average_basket_365d',
    ])
  })
})

describe('Policy bundles', () => {
  test('unchanged say nothing, and neither does another version alone', async () => {
    expect(await changed(policies, policies)).toEqual([])
    expect(
      await changed(policies, edited(policies, 'policies/default.yaml', 'version: 1.0.0', 'version: 1.0.1')),
    ).toEqual([])
  })

  test('that are new beside others are told where they let people be used who said nothing', async () => {
    const second = (model: string): Files => ({
      ...policies,
      'policies/second.yaml': `name: second
version: 1.0.0
global:
  defaults:
    model: ${model}
    legalBases: [consent, legitimate_interests]
    retentionDays: 30
    minimumAge: 16
    unknownAge: denied
    languages: [en]
    signals: []
    mayLoosen: []
`,
    })
    const { findings } = await reportOf(policies, second('notice-only'))
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'POLICY_LOOSENED',
        level: 'error',
        source: expect.objectContaining({ file: 'policies/second.yaml', line: 5 }) as unknown,
      }),
    )
    expect(findings.map(({ coordinate }) => coordinate)).toContain('policy second global.defaults')
    expect(await changed(policies, second('opt-in'))).toEqual(['note POLICY_ADDED policy second'])
  })

  test('that loosen a cell by one line are told once, at the line, with what each field says', async () => {
    const head = edited(
      policies,
      'policies/default.yaml',
      'profiling: { model: opt-in, legalBases: [consent] }',
      'profiling: { model: opt-out, legalBases: [statute, consent] }',
    )
    const { findings } = await reportOf(policies, head)
    expect(findings.map(({ code, coordinate }) => `${code} ${coordinate}`)).toEqual([
      'POLICY_LOOSENED policy retailer regions.US.scopes.profiling',
    ])
    expect(findings[0]).toMatchObject({
      before: 'model: opt-in; legalBases: consent',
      after: 'model: opt-out; legalBases: statute, consent',
    })
    expect(findings[0]?.source.line).toBeGreaterThan(70)
    expect((await changed(head, policies)).every((one) => one.startsWith('note POLICY_TIGHTENED'))).toBe(true)
  })
})

describe('One line of a policy bundle', () => {
  const defaults = 'defaults: { model: opt-out, legalBases: [statute, consent], minimumAge: 13 }'
  const line = (text: string): number =>
    (policies['policies/default.yaml'] ?? '').split(text)[0]?.split('\n').length ?? 0

  test('that decides many cells asks who answers for it once, and lists them', async () => {
    const head = edited(
      policies,
      'policies/default.yaml',
      defaults,
      defaults.replace('opt-out', 'notice-only'),
    )
    const { findings } = await reportOf(policies, head)
    expect(findings).toMatchObject([
      {
        code: 'POLICY_LOOSENED',
        coordinate: 'policy retailer regions.US.defaults',
        source: { file: 'policies/default.yaml', line: line(defaults) },
        before: 'model: opt-out',
        after: 'model: notice-only',
        approval: { by: 'privacy' },
      },
    ])
    expect(findings[0]?.message).toMatch(/Looser: model \(.*marketing_email.*analytics.*\)\. In .*US/)
  })

  test('that loosens one thing and tightens another loosens', async () => {
    const both = defaults.replace('opt-out', 'notice-only').replace('13', '15')
    const { findings } = await reportOf(policies, edited(policies, 'policies/default.yaml', defaults, both))
    expect(findings.map(({ code, coordinate }) => `${code} ${coordinate}`)).toEqual([
      'POLICY_LOOSENED policy retailer regions.US.defaults',
    ])
    expect(findings[0]?.message).toMatch(/Looser: model .*Tighter: minimumAge/)
  })

  test('that only tightens blocks nothing, and of a group is told at the group', async () => {
    const from = 'crm_contact: { model: notice-only, legalBases: [contract, consent] }'
    const head = edited(policies, 'policies/default.yaml', from, from.replace('notice-only', 'opt-in'))
    const { findings } = await reportOf(policies, head)
    expect(findings).toMatchObject([
      {
        code: 'POLICY_TIGHTENED',
        level: 'note',
        coordinate: 'policy retailer crm_contact model',
        source: { line: line(from) },
      },
    ])
  })
})

describe('Client contracts', () => {
  const graph: Files = {
    'shop.graphql': `type Query { me: Customer }
type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  tier: String @requiresScope(scope: "profiling")
  old: String
}`,
  }
  const all = { ...graph, ...clients }

  test('unchanged say nothing', async () => {
    expect(await changed(all, all)).toEqual([])
  })

  test('with another scope are told, and what they reach with it', async () => {
    const head = edited(
      all,
      'clients/campaigns.yaml',
      'crm_contact, analytics]',
      'crm_contact, analytics, profiling]',
    )
    expect(await changed(all, head)).toEqual(['error CLIENT_SCOPE_ADDED client campaigns scopes'])
    expect(await changed(head, all)).toEqual(['note CLIENT_SCOPE_REMOVED client campaigns scopes'])
  })

  test('with another purpose are told', async () => {
    const head = edited(
      all,
      'clients/adtech.yaml',
      'purposes: [advertising]',
      'purposes: [advertising, analytics]',
    )
    expect(await changed(all, head)).toEqual(['error CLIENT_PURPOSE_ADDED client adtech purposes'])
  })

  test('that are new, or may more, are allowed by who answers for privacy and never by their own team', async () => {
    const { findings: added } = await reportOf(without(all, 'clients/adtech.yaml'), all)
    expect(added.map(({ code, approval }) => [code, approval?.by])).toContainEqual([
      'CLIENT_ADDED',
      'privacy',
    ])
    const head = edited(all, 'clients/adtech.yaml', 'onWithheld: reject', 'onWithheld: strip')
    const { findings } = await reportOf(all, head)
    expect(findings.map(({ approval }) => approval?.by)).toEqual(['privacy'])
  })

  test('held to less are told', async () => {
    const head = edited(all, 'clients/adtech.yaml', 'onWithheld: reject', 'onWithheld: strip')
    expect(await changed(all, head)).toEqual(['error CLIENT_LOOSENED client adtech onWithheld'])
    expect(await changed(head, all)).toEqual(['note CLIENT_TIGHTENED client adtech onWithheld'])
  })

  test('that reach a new field through the graph are told', async () => {
    const field =
      'risk: Float @requiresScope(scope: "profiling") @dataContract(owner: "x", purpose: ["advertising"], freshness: "P1D", retention: "P9D", consumers: ["adtech"], disposition: "purge") '
    const head = edited(all, 'shop.graphql', 'old: String', `old: String ${field}`)
    expect(await changed(all, head)).toEqual([
      'error CLIENT_REACHES_NEW client adtech scopes',
      'note FIELD_ADDED Customer.risk',
    ])
  })

  test.each<[what: string, rest: string, from: string, to: string, place: string]>([
    [
      'an operation',
      'operationsOnly: true\noperations:\n  A: { purpose: advertising, sha256: a }\n',
      'sha256: a }',
      'sha256: a }\n  B: { purpose: advertising, sha256: b }',
      'operations.B',
    ],
    [
      'less proof of a text',
      'operations:\n  A: { purpose: advertising, sha256: a }\n',
      ', sha256: a',
      '',
      'operations.A.sha256',
    ],
    ['a wider limit', 'limits:\n  cost: 500\n', 'cost: 500', 'cost: 5000', 'limits.cost'],
    ['a limit less', 'limits: { cost: 500, depth: 5 }\n', ', depth: 5', '', 'limits.depth'],
    ['another policy', 'policies: [a]\n', '[a]', '[a, b]', 'policies'],
    ['another destination', '', '[adtech-exchange]', '[adtech-exchange, broker]', 'destinations'],
    ['another region', '', '[DE, US]', '[DE, US, CN]', 'regions'],
    ['no regions', '', 'regions: [DE, US]\n', '', 'regions'],
    ['another field', '', '  - Customer.region\n', '  - Customer.region\n  - Customer.email\n', 'fields'],
    [
      'a default purpose',
      '',
      'purposes: [advertising]',
      'purposes: [advertising]\ndefaultPurpose: advertising',
      'defaultPurpose',
    ],
    ['a tag less to be kept out', 'tags: { exclude: [a, b] }\n', '[a, b]', '[a]', 'tags.exclude'],
  ])(
    'with %s are told at the line, and the other way round do not block',
    async (_, rest, from, to, place) => {
      const base = { ...all, 'clients/adtech.yaml': `${all['clients/adtech.yaml']}${rest}` }
      const head = edited(base, 'clients/adtech.yaml', from, to)
      const { findings } = await reportOf(base, head)
      expect(findings).toMatchObject([
        {
          code: 'CLIENT_LOOSENED',
          level: 'error',
          coordinate: `client adtech ${place}`,
          approval: { by: 'privacy' },
        },
      ])
      if (to !== '') expect(findings[0]?.source.line).toBeGreaterThan(1)
      expect(await changed(head, base)).toEqual([`note CLIENT_TIGHTENED client adtech ${place}`])
      expect(await changed(base, base)).toEqual([])
    },
  )

  test.each<[what: string, rest: string, from: string, to: string, told: string[]]>([
    [
      'another purpose of an operation',
      'operations:\n  A: { purpose: advertising }\n',
      '{ purpose: advertising',
      '{ purpose: analytics',
      ['error CLIENT_LOOSENED client adtech operations.A.purpose'],
    ],
    [
      'another text of an operation',
      'operations:\n  A: { purpose: advertising, sha256: a }\n',
      'sha256: a',
      'sha256: b',
      ['error CLIENT_LOOSENED client adtech operations.A.sha256'],
    ],
    [
      'another place to ask from',
      'context: { region: DE }\n',
      'region: DE',
      'region: US',
      ['error CLIENT_LOOSENED client adtech context.region'],
    ],
    [
      'a key nobody knows',
      '',
      'client: adtech',
      'client: adtech\nfence: off',
      ['error CLIENT_LOOSENED client adtech fence'],
    ],
    [
      'a value nobody knows',
      '',
      'onWithheld: reject',
      'onWithheld: tell',
      ['error CLIENT_LOOSENED client adtech onWithheld'],
    ],
    [
      'more time for an operation',
      'operations:\n  A: { purpose: advertising, budgetMs: 5 }\n',
      'budgetMs: 5',
      'budgetMs: 50',
      ['note SAFE_CHANGE client adtech operations.A.budgetMs'],
    ],
    [
      'another owner',
      '',
      'owner: partnerships',
      'owner: sales',
      ['warning OWNER_CHANGED client adtech owner'],
    ],
    ['other words for reviewers', '', 'Choose and measure', 'Measure and choose', []],
    ['what holds anyway', '', 'client: adtech', 'client: adtech\nexplain: false\npolicies: []', []],
    ['a list in another order', '', '[DE, US]', '[US, DE]', []],
  ])('with %s', async (_, rest, from, to, told) => {
    const base = { ...all, 'clients/adtech.yaml': `${all['clients/adtech.yaml']}${rest}` }
    expect(await changed(base, edited(base, 'clients/adtech.yaml', from, to))).toEqual(told)
  })

  test('that see what their tags kept from them are told', async () => {
    const tagged = (of: string, field: string): Files => ({
      ...edited(all, 'clients/adtech.yaml', 'client: adtech', `client: adtech\ntags: ${of}`),
      'shop.graphql': String(all['shop.graphql'])
        .replace('old: String', `old: String ${field}`)
        .replace('me: Customer', 'me: Customer @tag(name: "partner")'),
    })
    const told = ['error CLIENT_REACHES_NEW client adtech scopes']
    const privacy = (found: string[]): string[] => found.filter((one) => one.includes('CLIENT'))
    const [kept, open] = ['@tag(name: "internal")', '']
    const excluded = '{ exclude: [internal] }'
    expect(privacy(await changed(tagged(excluded, kept), tagged(excluded, open)))).toEqual(told)
    expect(privacy(await changed(tagged(excluded, open), tagged(excluded, kept)))).toEqual([])
    expect(await changed(tagged(excluded, kept), tagged(excluded, kept))).toEqual([])
    const only = '{ include: [partner] }'
    const shared = '@tag(name: "partner")'
    expect(privacy(await changed(tagged(only, ''), tagged(only, shared)))).toEqual(told)
    expect(privacy(await changed(tagged(only, shared), tagged(only, '')))).toEqual([])
  })

  test('that were open to a field and have to ask for consent now, reach nothing new', async () => {
    const head = edited(all, 'shop.graphql', 'old: String', 'old: String @requiresScope(scope: "profiling")')
    expect((await changed(all, head)).filter((one) => one.includes('CLIENT'))).toEqual([])
  })

  test('with a registered operation that asks for what is gone are told', async () => {
    const registered = {
      ...edited(
        all,
        'clients/storefront.yaml',
        'client: storefront',
        'client: storefront\ntrustedDocuments: storefront.json',
      ),
      'clients/storefront.json': JSON.stringify({ Old: '{ me { old } }', Me: '{ me { pid } }' }, null, 1),
    }
    expect(await changed(registered, registered)).toEqual([])
    const head = edited(registered, 'shop.graphql', '  old: String\n', '')
    expect(await changed(registered, head)).toEqual([
      'error FIELD_REMOVED Customer.old',
      'error CLIENT_OPERATION_BROKEN client storefront operation Old',
    ])
  })

  test('with a scope that no vocabulary knows are told', async () => {
    const head = edited(all, 'clients/adtech.yaml', 'profiling]', 'profiling, mind_reading]')
    expect(await changed(all, head)).toContain('error CLIENT_INVALID client adtech scopes')
  })
})

describe('The vocabulary', () => {
  const words = (scopes: string): Files => ({
    'shop.graphql': 'type Query { a: Int }',
    'vocabulary.yaml': `version: '1'
scopes:
  club: { sentence: Be a member of the club., dpv: dpv:Service, fides: essential }
purposes:
  club_offers: { sentence: Make offers to members., dpv: dpv:Marketing, fides: marketing, scopes: [${scopes}] }
`,
  })

  test('that lets a purpose use more is told', async () => {
    expect(await changed(words('club'), words('club, profiling'))).toEqual([
      'error PURPOSE_MAY_MORE vocabulary purposes.club_offers.scopes',
    ])
    expect(await changed(words('club, profiling'), words('club'))).toEqual([
      'note PURPOSE_MAY_LESS vocabulary purposes.club_offers.scopes',
    ])
    expect(await changed(words('club'), words('club'))).toEqual([])
  })

  test('that says another sentence is told', async () => {
    const head = edited(
      words('club'),
      'vocabulary.yaml',
      'Be a member of the club.',
      'Be told offers of partners.',
    )
    expect(await changed(words('club'), head)).toEqual(['error SCOPE_MEANING_CHANGED vocabulary scopes.club'])
  })

  test('that loses a scope a schema asks for is told by the schema', async () => {
    const base = {
      ...words('club'),
      'shop.graphql':
        'type Query { me: P } type P @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! a: String @requiresScope(scope: "club") }',
    }
    expect(await changed(base, without(base, 'vocabulary.yaml'))).toContain('error SCOPE_UNKNOWN P.a')
  })
})

describe('Rules of the house', () => {
  const RULE = `// What is trained on is about nobody.
@id("no-raw-identifiers-in-analytics")
@owner("privacy-office")
@message("Send a pid in its place.")
forbid(principal, action, resource) when {
  resource.isIdentifier && (principal.name like "*analytics*" || principal.name like "*vector*")
};
`
  const analytics = (field: string, rules: string | null = RULE): Files => ({
    'analytics.graphql': `type Query { visit: Visit }
type Visit {
  at: String
  ${field}
}`,
    ...(rules === null ? {} : { 'rules/identifiers.cedar': rules }),
  })

  test('are told where they are broken, with who owns them', async () => {
    const { findings } = await reportOf(analytics(''), analytics('visitorEmail: String'))
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'RULE_BROKEN',
        coordinate: 'Visit.visitorEmail',
        source: { file: 'analytics.graphql', line: 7, column: 3 },
        approval: { by: 'privacy-office', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        message: expect.stringContaining('rules/identifiers.cedar:2'),
      }),
    )
  })

  test('are told of what stood there only when they are new', async () => {
    const field = 'email: String @dataContract(owner: "x", classification: "contact")'
    expect(await changed(analytics(field), analytics(field))).toEqual([])
    expect(await changed(analytics(field, null), analytics(field))).toEqual(['error RULE_BROKEN Visit.email'])
    expect(await changed(analytics('count: Int'), analytics('count: Int page: String'))).toEqual([
      'note FIELD_ADDED Visit.page',
    ])
  })

  test.each([
    ['that use a word that is none', RULE.replace('isIdentifier', 'isSecret')],
    ['that are no Cedar', 'forbid everything'],
    ['that share an id', RULE + RULE],
  ])('%s block, at their line', async (_, rules) => {
    const { findings, outcome } = await reportOf(analytics(''), analytics('', rules))
    expect(outcome).toBe('blocked')
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'RULE_INVALID',
        source: expect.objectContaining({ file: 'rules/identifiers.cedar' }),
      }),
    )
  })

  test('that are taken away are told', async () => {
    expect(await changed(analytics(''), analytics('', null))).toEqual([
      'error RULE_REMOVED rule no-raw-identifiers-in-analytics',
    ])
  })

  test('that err block', async () => {
    const rules =
      '@id("huge") forbid(principal, action, resource) when { 9223372036854775807 + (if resource.isNew then 1 else 0) > 0 };'
    const told = await changed(analytics('', rules), analytics('page: String', rules))
    expect(told).toContain('error RULE_ERRED Visit.page')
  })
})

describe('The same name', () => {
  test('with another type in another event is told', async () => {
    const text = (events['events/page_view.yaml'] ?? '').replace('type: page_view', 'type: banner_view')
    const head = {
      ...events,
      'events/banner_view.yaml': text.replaceAll(
        /\n      type: string\n[^]*$/g,
        '\n      type: integer\n      minimum: 0\n      maximum: 9\n',
      ),
    }
    expect(await changed(events, head)).toContain(
      'warning MEANING_DIFFERS sku (event add_to_cart@1, event banner_view@1)',
    )
  })

  test('of a type in two subgraphs with another sentence is told', async () => {
    const other = (sentence: string): Files => ({
      'a.graphql':
        'type Query { one: Thing @shareable } type Thing { "How heavy the parcel becomes, in grams." load: Int @shareable }',
      'b.graphql': `type Query { one: Thing @shareable } type Thing { "${sentence}" load: Int @shareable }`,
    })
    const base = other('The parcel, in grams, when heavy.')
    expect(await changed(base, other('Share of a processor that is busy.'))).toEqual([
      'warning MEANING_DIFFERS Thing.load',
    ])
    expect(await changed(base, base)).toEqual([])
  })
})

describe('Two places that differ in what is no sentence', () => {
  test('are told with what differs, and not with one sentence twice', async () => {
    const text = (events['events/page_view.yaml'] ?? '').replace('type: page_view', 'type: banner_view')
    const banner = text.replaceAll(
      /\n      type: string\n[^]*$/g,
      '\n      type: integer\n      minimum: 0\n      maximum: 9\n',
    )
    const { findings } = await reportOf(events, { ...events, 'events/banner_view.yaml': banner })
    const clash = findings.find(
      ({ code, coordinate }) => code === 'MEANING_DIFFERS' && coordinate.startsWith('sku'),
    )
    expect(clash?.before).toMatch(/\(text\)$/)
    expect(clash?.after).toMatch(/\(number\)$/)
  })
})

describe('The text of a registered operation', () => {
  const named = (document: string, text: Files): Files => ({
    'shop.graphql': 'type Query { me: Customer } type Customer { tier: String old: String }',
    'clients/storefront.yaml': `client: storefront
owner: web-shop
purposes: [personalization]
scopes: []
operationsOnly: true
operations:
  Me:
    purpose: personalization
    document: ${document}
`,
    ...text,
  })
  const me = (fields: string, file = 'operations/me.graphql'): Files => ({
    [file]: `query Me { me { ${fields} } }`,
  })
  const base = named('../operations/me.graphql', me('tier'))

  test('that is another one is told at its file, and allowed by who answers for privacy', async () => {
    const { findings } = await reportOf(base, named('../operations/me.graphql', me('tier old')))
    expect(findings).toMatchObject([
      {
        code: 'CLIENT_LOOSENED',
        level: 'error',
        coordinate: 'client storefront operations.Me.document',
        source: { file: 'operations/me.graphql', line: 1 },
        approval: { by: 'privacy' },
      },
    ])
  })

  test('that is laid out otherwise, or stands in another file, is none', async () => {
    const laidOut = named('../operations/me.graphql', me('\n  # what they pay\n  tier\n'))
    expect(await changed(base, laidOut)).toEqual([])
    const moved = named('own/me.graphql', me('tier', 'clients/own/me.graphql'))
    expect(await changed(base, moved)).toEqual([])
  })

  test('that lies outside of what is compared blocks, changed or not', async () => {
    const outside = named('../../elsewhere/me.graphql', {})
    const { findings } = await reportOf(outside, outside)
    expect(findings).toMatchObject([
      {
        code: 'CLIENT_DOCUMENT_UNSEEN',
        level: 'error',
        coordinate: 'client storefront operations.Me.document',
        source: { file: 'clients/storefront.yaml', line: 9 },
      },
    ])
    expect(findings[0]).not.toHaveProperty('approval')
  })

  test('that asks for what is gone is told', async () => {
    const head = { ...base, 'shop.graphql': 'type Query { me: Customer } type Customer { old: String }' }
    expect(await changed(base, head)).toContain(
      'error CLIENT_OPERATION_BROKEN client storefront operation Me',
    )
  })
})

describe('A client contract that is no YAML', () => {
  test('is told at the line, and not as one that names nobody', async () => {
    const head = {
      ...clients,
      'clients/adtech.yaml': 'client: adtech\nowner: partnerships\npurposes: [advertising\nscopes: []\n',
    }
    const { findings } = await reportOf(clients, head)
    expect(findings).toMatchObject([
      { code: 'CLIENT_INVALID', source: { file: 'clients/adtech.yaml', line: 4 } },
    ])
    expect(findings[0]?.message).toContain('is no YAML')
  })
})

describe('The manifest of what a client may ask', () => {
  const graph = `type Query { me: Customer }
type Customer @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  tier: String
  old: String
}`
  const manifest = (text: string | object, file = 'clients/web.json'): Files => ({
    'shop.graphql': graph,
    'clients/web.yaml': `client: web
owner: team-web
purposes: [customer_service]
scopes: [crm_contact]
operationsOnly: true
trustedDocuments: ${file.startsWith('clients/') ? file.slice('clients/'.length) : `../${file}`}
`,
    ...(text === '' ? {} : { [file]: typeof text === 'string' ? text : JSON.stringify(text, null, 1) }),
  })
  const base = manifest({ Me: '{ me { tier } }' })

  test.each([
    ['lies outside of what is compared', manifest('', '../elsewhere/web.json')],
    ['is no JSON', manifest('{ "Me": ')],
    ['lists what is no document', manifest({ Me: '{ me { tier } }', Other: 1 })],
  ])('that %s blocks, changed or not', async (_, outside) => {
    const { findings } = await reportOf(outside, outside)
    expect(findings).toMatchObject([
      {
        code: 'CLIENT_DOCUMENT_UNSEEN',
        level: 'error',
        coordinate: 'client web trustedDocuments',
        source: { file: 'clients/web.yaml', line: 6 },
      },
    ])
    expect(findings[0]).not.toHaveProperty('approval')
  })

  test.each([
    ['another text', 'Me', 2, { Me: '{ me { old } }' }],
    ['a further document', 'Old', 3, { Me: '{ me { tier } }', Old: '{ me { old } }' }],
  ])(
    'with %s is told at its line, and allowed by who answers for privacy',
    async (_, id, line, documents) => {
      const { findings } = await reportOf(base, manifest(documents))
      expect(findings).toMatchObject([
        {
          code: 'CLIENT_LOOSENED',
          level: 'error',
          coordinate: `client web trustedDocuments.${id}`,
          source: { file: 'clients/web.json', line },
          approval: { by: 'privacy' },
        },
      ])
    },
  )

  test('that is laid out otherwise, lists the same by another id, or less, is none', async () => {
    expect(await changed(base, base)).toEqual([])
    expect(await changed(base, manifest({ Me: '{\n  me { tier }\n}' }))).toEqual([])
    expect(await changed(base, manifest({ c0ffee: '{ me {\n tier } }' }))).toEqual([])
    expect(await changed(manifest({ Me: '{ me { tier } }', Old: '{ me { old } }' }), base)).toEqual([])
  })
})
