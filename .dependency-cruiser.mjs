// The rooms of the house: what each may know. Every rule is a sentence; a rule without a sentence is deleted.
// Type-only imports count: a type is knowledge.

const outside = {
  dependencyTypesNot: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'],
}

/** Files at `from` may import, of this repository, only what `allowed` names. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed, ...outside },
})

/** Of libraries and node modules, files at `from` may import only what `allowed` names. */
const onlyLibraries = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'core'], pathNot: allowed },
})

/** A library is imported by the named files only. */
const stays = (name, comment, library, files) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(directives|schema|subgraphs|gateway|cli)/', pathNot: files },
  to: { path: library },
})

const npm = (...names) => names.map((name) => `node_modules/${name}/`)

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Imports point one way.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that imports nothing has no reader.',
      severity: 'error',
      from: { orphan: true, pathNot: ['[.]d[.]ts$', '[.]test[.]ts$'] },
      to: {},
    },
    {
      name: 'no-index-files',
      comment: 'A file is named after its one main export; an index has none.',
      severity: 'error',
      from: { path: '(^|/)(index|utils|helpers|common|misc|types)[.]ts$' },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment: 'What is imported exists.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    only('directives-know-only-words', 'The words know no other room.', '^directives/', ['^directives/']),
    onlyLibraries(
      'directives-know-only-graphql',
      'The words know only the syntax they are written in.',
      '^directives/',
      npm('graphql', '@graphql-tools'),
    ),
    only(
      'schema-knows-only-directives',
      'The contract is made of words: subgraphs arrive as text.',
      '^schema/(?!check/)',
      ['^schema/', '^directives/'],
    ),
    onlyLibraries(
      'schema-does-no-io',
      'The contract is computed; the command line reads and writes.',
      '^schema/(?!check/)',
      npm('graphql', '@theguild/federation-composition'),
    ),
    only(
      'a-check-compares-what-was-agreed-on',
      'Schemas, events, features and policies are compared together, as texts and their readers; stores and the gateway are not known.',
      '^schema/check/',
      [
        '^schema/',
        '^directives/',
        '^subgraphs/(events/contracts|features/definitions|consent/policy)/',
        '^subgraphs/(yaml-faults|yaml-source)[.]ts$',
      ],
    ),
    onlyLibraries(
      'a-check-reaches-nothing',
      'What a change does is computed from two sets of texts: no disk, no network, no clock.',
      '^schema/check/',
      [...npm('graphql', '@graphql-inspector', '@cedar-policy'), '^(node:)?(crypto|util|path/posix)$'],
    ),
    {
      name: 'only-a-registry-knows-the-check',
      comment: 'Whether something may merge is nothing to who composes, plans or serves it.',
      severity: 'error',
      from: {
        path: '^(schema|subgraphs|gateway|directives)/',
        pathNot: ['^schema/check/', '^subgraphs/registry/'],
      },
      to: { path: '^schema/check/' },
    },
    only(
      'privacy-is-arithmetic',
      'Noise and what it gives away are the same whatever is hidden by it.',
      '^privacy/',
      ['^privacy/'],
    ),
    onlyLibraries(
      'privacy-needs-random-numbers-only',
      'Noise comes from the system’s own generator and nowhere else.',
      '^privacy/',
      ['^(node:)?crypto$'],
    ),
    only(
      'the-page-knows-only-the-sdk',
      'The preference centre is a page as anybody could write it.',
      '^subgraphs/consent/preferences/page/',
      ['^subgraphs/consent/preferences/page/', '^sdk/'],
    ),
    only(
      'preferences-are-served-blindly',
      'Who serves the page knows three files and nothing of consent.',
      '^subgraphs/consent/preferences/[a-z-]+[.]ts$',
      ['^subgraphs/route[.]ts$'],
    ),
    only(
      'subgraphs-know-only-directives',
      'A subgraph knows the words, the arithmetic of privacy and its own folder, never the gateway.',
      '^subgraphs/(?!consent/preferences/page/)',
      ['^subgraphs/', '^directives/', '^privacy/'],
    ),
    {
      name: 'subgraphs-do-not-know-each-other',
      comment: 'Owners share the graph, not the code.',
      severity: 'error',
      from: { path: '^subgraphs/(identity|consent|features|recommendations|aggregates|events)/' },
      to: {
        path: '^subgraphs/(identity|consent|features|recommendations|aggregates|events)/',
        pathNot: '^subgraphs/$1/',
      },
    },
    only(
      'ownership-knows-words-and-no-person',
      'Who may write what is decided over tokens: what is raw, who somebody is and what they consented to are asked by ports.',
      '^subgraphs/ownership/',
      [
        '^subgraphs/ownership/',
        '^subgraphs/standing/(standing-store|standing|memory-standings|sql-alive|sql-standings)[.]ts$',
        '^subgraphs/(bearer-guard|database|error-catalogue|pid-holder|retry-seconds|route|yaml-faults|yaml-source)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'events-know-their-neighbours-by-ports',
      'What people did reaches its store past contracts and consent; who keeps receipts and names is asked, and not known.',
      '^subgraphs/events/(?!contracts/)',
      [
        '^subgraphs/events/',
        '^subgraphs/standing/',
        '^subgraphs/(bearer-guard|database|error-catalogue|event-error-catalogue|log|pid-holder|route|seal)[.]ts$',
      ],
    ),
    only(
      'training-computes-as-serving-does',
      'Values of the past are computed by what computes those that are served; events, receipts and what holds now come by ports.',
      '^subgraphs/features/training/',
      [
        '^subgraphs/features/training/',
        '^subgraphs/features/materialise/(by-pid|event-source|feature-state|partial|window)[.]ts$',
        '^subgraphs/features/definitions/feature-definition[.]ts$',
        '^subgraphs/standing/standing[.]ts$',
        '^subgraphs/(coded-error|database|error-catalogue|pid-holder|yaml-source)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'training-is-arithmetic',
      'A model is learned from places of items in baskets: who the people are, and where anything is kept, is not known here.',
      '^subgraphs/recommendations/train/',
      ['^subgraphs/recommendations/train/', '^subgraphs/coded-error[.]ts$', '^privacy/'],
    ),
    only(
      'evaluation-trains-and-measures',
      'What a model is worth is measured on what was kept back from it, and nothing else is known.',
      '^subgraphs/recommendations/evaluate/',
      ['^subgraphs/recommendations/(evaluate|train)/'],
    ),
    only(
      'a-budget-does-not-know-what-is-asked',
      'What is given away is counted the same, whoever asks and of whom.',
      '^subgraphs/budget/',
      ['^subgraphs/budget/', '^subgraphs/database[.]ts$', '^privacy/'],
    ),
    only(
      'vectors-know-no-model',
      'What is near what is found the same, however the vectors were made; who may ask is told, and consent lies beside the rows.',
      '^subgraphs/recommendations/vectors/',
      [
        '^subgraphs/recommendations/vectors/',
        '^subgraphs/standing/(standing-store|standing|memory-standings|sql-alive|sql-standings)[.]ts$',
        '^subgraphs/(coded-error|coded-failure|database|error-catalogue|pid-holder|seal)[.]ts$',
        '^privacy/',
      ],
    ),
    only(
      'standing-knows-no-rows',
      'What was heard of consent is kept the same whatever rests on it; where it is heard is a port.',
      '^subgraphs/standing/',
      [
        '^subgraphs/standing/',
        '^subgraphs/(coded-failure|error-catalogue|log|pid-holder|signed-caller)[.]ts$',
      ],
    ),
    only(
      'what-is-computed-knows-no-engine',
      'A value is the same whichever store keeps it and wherever its events come from: both are ports.',
      '^subgraphs/features/materialise/',
      [
        '^subgraphs/features/(materialise|definitions)/',
        '^subgraphs/features/store[.]ts$',
        '^subgraphs/standing/standing[.]ts$',
      ],
    ),
    only(
      'a-definition-knows-no-store',
      'What a feature is, is read from its file and held against words; what is computed of it is known elsewhere.',
      '^subgraphs/features/definitions/',
      [
        '^subgraphs/features/definitions/',
        '^subgraphs/(coded-failure|error-catalogue|yaml-faults|yaml-source)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'measures-know-numbers',
      'What is measured is a number with a name; whose store it comes from is plugged in elsewhere.',
      '^subgraphs/measures/',
      ['^subgraphs/measures/'],
    ),
    only(
      'aggregates-know-events-by-a-port',
      'Numbers about many are made of events that others keep and of people that others know; what was given away is counted beside them.',
      '^subgraphs/aggregates/',
      [
        '^subgraphs/aggregates/',
        '^subgraphs/budget/',
        '^subgraphs/(coded-failure|database|error-catalogue|pid-holder|serve|yaml-faults|yaml-source)[.]ts$',
        '^privacy/',
        '^directives/',
      ],
    ),
    only(
      'delivery-knows-nobody',
      'How something is sent until it is taken is the same, whoever is told and of what.',
      '^subgraphs/delivery/',
      ['^subgraphs/delivery/'],
    ),
    only(
      'the-feed-of-pids-knows-decisions-and-no-names',
      'Who holds pids is told what became of them; what anybody is called is not known here.',
      '^subgraphs/identity/changes/',
      [
        '^subgraphs/identity/changes/',
        '^subgraphs/identity/graph/(decision|consent-work|linked-consent|settle)[.]ts$',
        '^subgraphs/delivery/',
        '^subgraphs/(bearer-guard|error-catalogue|log|metrics-route|route)[.]ts$',
      ],
    ),
    only(
      'outbox-only-reads-the-log',
      'Changes are the store’s; the outbox knows who has to hear of them and who has.',
      '^subgraphs/consent/outbox/',
      [
        '^subgraphs/consent/outbox/',
        '^subgraphs/delivery/',
        '^subgraphs/consent/store[.]ts$',
        '^subgraphs/consent/receipts/(receipt|initiator)[.]ts$',
        '^subgraphs/(bearer-guard|error-catalogue|log|metrics-route|route)[.]ts$',
      ],
    ),
    only(
      'receipts-know-nobody-who-asks-for-them',
      'What was said is kept and proved the same, whoever says it, decides by it or is told of it.',
      '^subgraphs/consent/receipts/',
      [
        '^subgraphs/consent/receipts/',
        '^subgraphs/consent/links/block-of[.]ts$',
        '^subgraphs/consent/(store|pids|sql-[a-z-]+)[.]ts$',
        '^subgraphs/(coded-error|coded-failure|error-catalogue|kept-key|seal)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'links-know-words-and-no-names',
      'Which pids are one person’s is told, not found out here; what holds for them is computed from what each said.',
      '^subgraphs/consent/links/',
      [
        '^subgraphs/consent/links/',
        '^subgraphs/consent/(store|pids|sql-[a-z-]+)[.]ts$',
        '^subgraphs/consent/receipts/(receipt|receipt-keys|effective-state|damage)[.]ts$',
        '^subgraphs/consent/leases/(lease-store|barrier)[.]ts$',
        '^subgraphs/consent/policy/apply-policy[.]ts$',
        '^subgraphs/(coded-error|error-catalogue|serve|log)[.]ts$',
      ],
    ),
    only(
      'the-past-is-read-from-the-log',
      'What was granted at a past time is worked out from what was written, by the judge of the present.',
      '^subgraphs/consent/history/',
      [
        '^subgraphs/consent/history/',
        '^subgraphs/consent/links/(link|state-of)[.]ts$',
        '^subgraphs/consent/leases/lease-store[.]ts$',
        '^subgraphs/consent/receipts/receipt[.]ts$',
        '^subgraphs/consent/store[.]ts$',
      ],
    ),
    only(
      'the-door-for-persons-knows-receipts-only',
      'A person reaches what they said and nothing else: no policy, lease or outbox.',
      '^subgraphs/consent/door/',
      [
        '^subgraphs/consent/door/',
        '^subgraphs/consent/receipts/',
        '^subgraphs/consent/links/state-of[.]ts$',
        '^subgraphs/consent/[a-z-]+[.]ts$',
        '^subgraphs/(route|log|error-catalogue|retry-seconds)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'import-writes-through-the-port',
      'A file is as little trusted as a request: its rows are checked as statements are and written through the store.',
      '^subgraphs/consent/import/',
      [
        '^subgraphs/consent/import/',
        '^subgraphs/consent/receipts/(consent-input|receipt|transitions)[.]ts$',
        '^subgraphs/consent/(store|pids)[.]ts$',
        '^subgraphs/(coded-error|coded-failure|error-catalogue)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'tables-bring-rows',
      'A table is read and cleaned row by row; how rows are compared is nothing to it.',
      '^subgraphs/identity/matching/table/',
      [
        '^subgraphs/identity/matching/table/',
        '^subgraphs/identity/matching/(person-row|text/detached)[.]ts$',
        '^subgraphs/(coded-failure|error-catalogue)[.]ts$',
      ],
    ),
    only(
      'policy-knows-only-words',
      'What holds by default is read from a bundle and computed; who said what is known elsewhere.',
      '^subgraphs/consent/policy/',
      [
        '^subgraphs/consent/policy/',
        '^subgraphs/(coded-error|error-catalogue|yaml-faults|yaml-source)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'event-contracts-are-computed',
      'What was agreed on about events is text that is given and words: who keeps events, and who reads them, is not known.',
      '^subgraphs/events/contracts/',
      ['^subgraphs/events/contracts/', '^subgraphs/(yaml-faults|yaml-source)[.]ts$', '^directives/'],
    ),
    onlyLibraries(
      'event-contracts-reach-nothing',
      'A contract is read, checked and compared without a disk, a clock or a network.',
      '^subgraphs/events/contracts/',
      npm('yaml', 'ajv', 'ajv-formats'),
    ),
    onlyLibraries(
      'policy-reaches-no-network',
      'A bundle is text that is given, a signal is a string that came: nothing is fetched to understand them.',
      '^subgraphs/consent/policy/',
      [...npm('yaml', '@iabtechlabtcf', '@iabgpp'), '^(node:)?crypto$'],
    ),
    only(
      'the-vault-knows-nobody',
      'Raw values are sealed before a store sees them, and who asks for them is not the vault’s business.',
      '^subgraphs/identity/vault/',
      [
        '^subgraphs/identity/vault/',
        '^subgraphs/(coded-error|coded-failure|database|error-catalogue|seal)[.]ts$',
      ],
    ),
    only(
      'the-identity-graph-knows-no-store-and-no-value',
      'Decisions about records are made over nodes and tokens: no engine, no raw value, and consent only by its port.',
      '^subgraphs/identity/graph/',
      ['^subgraphs/identity/graph/', '^subgraphs/(coded-error|error-catalogue)[.]ts$'],
    ),
    only(
      'pseudonyms-know-only-keys',
      'How names are replaced depends on nobody’s record: keys, spelling and a message, and never a store of people.',
      '^subgraphs/identity/pseudonyms/',
      ['^subgraphs/identity/pseudonyms/', '^subgraphs/(coded-failure|error-catalogue|kept-key|seal)[.]ts$'],
    ),
    {
      name: 'raw-values-are-opened-by-few',
      comment:
        'Who holds raw values is named here, file by file; whoever else wants one asks for a field of a person.',
      severity: 'error',
      from: {
        path: '^(subgraphs|gateway|cli|schema|sdk|directives)/',
        pathNot: [
          '^subgraphs/identity/(vault|reidentification)/',
          '^subgraphs/identity/(customer|graph-mutations|identity-loaders|import-known|import-records|raw-identities|same-person|store|stored-rows|subgraph|sweep-vault|take-in)[.]ts$',
          '^subgraphs/(all|open-[a-z]+)[.]ts$',
        ],
      },
      to: { path: '^subgraphs/identity/vault/' },
    },
    only(
      'the-way-back-knows-the-vault-only',
      'Who may learn who somebody is, is decided apart from everything that looks people up day by day.',
      '^subgraphs/identity/reidentification/',
      [
        '^subgraphs/identity/reidentification/',
        '^subgraphs/identity/vault/(vault|raw-record|data-key-ring)[.]ts$',
        '^subgraphs/(coded-error|coded-failure|database|error-catalogue|log|seal)[.]ts$',
      ],
    ),
    only(
      'rotation-knows-ports-only',
      'A change of keys asks the graph, the keys, the values and consent through their ports, and which engines they are it does not know.',
      '^subgraphs/identity/rotation/',
      [
        '^subgraphs/identity/rotation/',
        '^subgraphs/identity/graph/(decision|graph-port|linked-consent)[.]ts$',
        '^subgraphs/identity/pseudonyms/(key-book|key-rotation|pseudonym)[.]ts$',
        '^subgraphs/(coded-failure|error-catalogue|pid-holder)[.]ts$',
      ],
    ),
    only('the-sdk-knows-nothing', 'The SDK goes to other people’s pages: it is only itself.', '^sdk/', [
      '^sdk/',
    ]),
    onlyLibraries(
      'the-sdk-depends-on-nothing',
      'No library, no Node module: it runs in a browser.',
      '^sdk/',
      ['^$'],
    ),
    {
      name: 'gateway-knows-no-subgraph',
      comment: 'The gateway knows subgraphs only by the supergraph.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { path: '^subgraphs/' },
    },
    {
      name: 'gateway-reads-only-the-protection',
      comment: 'Of the contract, the gateway reads the supergraph and what it protects; it does not compose.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { path: '^schema/', pathNot: '^schema/(access|protection|supergraph|field-set)[.]ts$' },
    },
    only(
      'caller-knows-only-words',
      'Who asks is decided before anything is planned or fetched.',
      '^gateway/caller/',
      ['^gateway/caller/', '^gateway/(errors|ports|lifetime)[.]ts$', '^directives/'],
    ),
    only(
      'plan-knows-no-caller',
      'A plan is the same for every caller, so it can be cached.',
      '^gateway/plan/',
      ['^gateway/plan/', '^gateway/errors[.]ts$', '^schema/', '^directives/'],
    ),
    only(
      'fence-decides-and-does-no-io',
      'The fence decides over what it is given; consent comes through a port.',
      '^gateway/fence/',
      [
        '^gateway/fence/',
        '^gateway/plan/(query-plan|world|[a-z-]+)[.]ts$',
        '^gateway/(errors|ports|lifetime|json-writer)[.]ts$',
        '^schema/(access|protection)[.]ts$',
        '^directives/',
      ],
    ),
    onlyLibraries(
      'fence-has-no-library-for-io',
      'The fence cannot reach a disk or a network.',
      '^gateway/fence/',
      npm('graphql', 'dataloader'),
    ),
    only(
      'execute-asks-only-the-fence',
      'The fence is the only way from representations to a subgraph.',
      '^gateway/execute/',
      [
        '^gateway/execute/',
        '^gateway/fence/',
        '^gateway/plan/',
        '^gateway/(errors|ports|lifetime|exact-numbers|json-writer)[.]ts$',
        '^schema/(access|protection)[.]ts$',
        '^directives/',
      ],
    ),
    only(
      'project-shapes-what-it-is-given',
      'Projection fetches nothing and decides nothing.',
      '^gateway/project/',
      [
        '^gateway/project/',
        '^gateway/plan/',
        '^gateway/fence/(denial|ledger|conditions)[.]ts$',
        '^gateway/execute/(targets|field-errors)[.]ts$',
        '^gateway/(errors|ports|lifetime|exact-numbers|json-writer)[.]ts$',
        '^directives/',
        '^schema/(access|protection)[.]ts$',
      ],
    ),
    only(
      'observe-only-looks',
      'Whoever watches stands around ports and phases; it sends nothing and decides nothing.',
      '^gateway/observe/',
      [
        '^gateway/observe/',
        '^gateway/plan/(query-plan|explain-plan|planner)[.]ts$',
        '^gateway/fence/(fence|ledger|admission)[.]ts$',
        '^gateway/(errors|error-catalogue|ports)[.]ts$',
        '^schema/(access|protection)[.]ts$',
        '^gateway/limits/operation-cost[.]ts$',
      ],
    ),
    only('stream-knows-no-phase', 'The life of a stream is the same whatever is in it.', '^gateway/stream/', [
      '^gateway/stream/',
      '^gateway/(errors|ports|lifetime)[.]ts$',
    ]),
    only(
      'limits-measure-and-do-no-more',
      'How much an operation is, is read from its text, its variables and the schema, before anything is planned.',
      '^gateway/limits/',
      ['^gateway/limits/', '^gateway/(errors|ports)[.]ts$', '^schema/supergraph[.]ts$', '^directives/'],
    ),
    only(
      'leases-know-only-ports',
      'Whether what is known may be relied upon depends on nothing that is asked.',
      '^gateway/lease/',
      ['^gateway/lease/', '^gateway/(errors|ports)[.]ts$'],
    ),
    only('adapters-know-only-ports', 'An adapter serves a port and knows no phase.', '^gateway/adapters/', [
      '^gateway/adapters/',
      '^gateway/observe/(catalogue|meter|tracing)[.]ts$',
      '^gateway/lease/consent-protocol[.]ts$',
      '^gateway/(errors|ports|exact-numbers|header-rules|lifetime|parse-setting|trusted-documents|yaml-leaves)[.]ts$',
      '^gateway/limits/limits[.]ts$',
      '^directives/',
    ]),
    {
      name: 'start-is-known-only-by-the-server',
      comment: 'What plugs the parts together is known by nobody it plugs in.',
      severity: 'error',
      from: { path: '^gateway/', pathNot: ['^gateway/start/', '^gateway/server[.]ts$'] },
      to: { path: '^gateway/start/' },
    },
    only(
      'door-knows-no-phase',
      'The door knows who asks and what may be said, not how it is answered.',
      '^gateway/door/',
      [
        '^gateway/door/',
        '^gateway/caller/',
        '^gateway/stream/open-streams[.]ts$',
        '^gateway/limits/',
        '^gateway/observe/(observer|request-watch)[.]ts$',
        '^gateway/(errors|error-catalogue|exact-numbers|json-text|lifetime|ports|request|trusted-documents)[.]ts$',
      ],
    ),
    {
      name: 'adapters-are-plugged-in-only-at-the-door',
      comment: 'Only a composition root chooses an adapter.',
      severity: 'error',
      from: {
        path: '^(gateway|schema|subgraphs|directives)/',
        pathNot: ['^gateway/adapters/', '^gateway/start/', '^gateway/server[.]ts$'],
      },
      to: { path: '^gateway/adapters/' },
    },
    stays(
      'drivers-stay-in-their-file',
      'A database driver is the business of the store that uses it.',
      'node_modules/(neo4j-driver|pg|kysely|@electric-sql)/',
      [
        '^subgraphs/[a-z]+/(sql|neo4j|postgres)-[a-z-]+[.]ts$',
        '^subgraphs/(aggregates|consent|events|features|identity|recommendations)/[a-z]+/sql-[a-z-]+[.]ts$',
        '^subgraphs/(database|migrate|open-stores)[.]ts$',
      ],
    ),
    stays(
      'doors-stay-in-their-file',
      'Apollo Server, Fastify and mercurius are doors; behind them nobody knows which.',
      'node_modules/(@apollo/server|fastify|mercurius)/',
      [
        '^gateway/door/document-server[.]ts$',
        '^subgraphs/(serve|serve-persons|serve-events|serve-routes|open-persons|open-events|all|start|send-events)[.]ts$',
      ],
    ),
    stays(
      'planner-stays-in-plan',
      'The planner’s output is translated once and seen nowhere else.',
      'node_modules/@graphql-hive/',
      ['^gateway/plan/(load-world|translate|planner|planner-child|planner-process)[.]ts$'],
    ),
    stays(
      'composer-stays-in-compose',
      'The composition library is one file’s business.',
      'node_modules/@theguild/',
      ['^schema/(compose|composition-violation)[.]ts$'],
    ),
    stays(
      'consent-strings-stay-with-their-readers',
      'The libraries of IAB strings have known errors; behind one reader each, nobody meets them.',
      'node_modules/@iab(techlabtcf|gpp)/',
      ['^subgraphs/consent/policy/signals/read-(tc|gpp)-string[.]ts$'],
    ),
    stays(
      'cedar-stays-with-its-authority',
      'An engine that skips a policy that errs has one reader a use, who takes that for a no.',
      'node_modules/@cedar-policy/',
      ['^subgraphs/identity/reidentification/cedar-authority[.]ts$', '^schema/check/cedar-rules[.]ts$'],
    ),
    stays('tokens-stay-in-the-verifier', 'Tokens are proved in one place.', 'node_modules/jose/', [
      '^gateway/adapters/jwt-(verifier|keys)[.]ts$',
      '^subgraphs/consent/door/(person-token|proof)[.]ts$',
    ]),
    stays('transport-stays-in-its-adapter', 'Subgraphs are reached from one place.', 'node_modules/undici/', [
      '^gateway/adapters/http-subgraphs/(connections|exchange)[.]ts$',
      '^gateway/adapters/http-consent-protocol[.]ts$',
      '^gateway/adapters/subgraph-streams/sse-stream[.]ts$',
    ]),
    stays(
      'prometheus-stays-in-its-adapter',
      'Metrics are counted through a port.',
      'node_modules/prom-client/',
      ['^gateway/adapters/prometheus-meter[.]ts$'],
    ),
    stays(
      'opentelemetry-stays-in-its-adapter',
      'Spans are begun through a port.',
      'node_modules/@opentelemetry/',
      ['^gateway/adapters/opentelemetry-tracing[.]ts$'],
    ),
    stays('nats-stays-in-its-sender', 'NATS is one consumer among others.', 'node_modules/@nats-io/', [
      '^subgraphs/consent/outbox/nats-sender[.]ts$',
    ]),
    stays('aws-stays-in-its-adapter', 'AWS KMS is one KMS among others.', 'node_modules/@aws-sdk/', [
      '^subgraphs/identity/pseudonyms/aws-kms[.]ts$',
    ]),
    {
      name: 'nothing-depends-on-tests',
      comment: 'The product does not know how it is tested.',
      severity: 'error',
      from: { pathNot: '^(test|bench|examples)/' },
      to: { path: '^(test|bench|examples)/' },
    },
    {
      name: 'nothing-depends-on-the-command-line',
      comment: 'The command line is a door; what is behind it does not know it.',
      severity: 'error',
      from: { pathNot: '^(cli|test)/' },
      to: { path: '^cli/' },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'What runs is installed where it runs.',
      severity: 'error',
      from: { path: '^(directives|schema|subgraphs|gateway|cli)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['npm', 'type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    reporterOptions: { mermaid: { minify: false } },
  },
}
