import type { ExplainedCoordinate, ExplainedFetch, ExplainedLookup, ExplainedNode } from './explain-plan.ts'

/** Further lines about one lookup, by its name: what the fence did or would do there. */
export type LookupLines = (lookup: string) => readonly string[]

/** A plan as a tree for people. */
export const planText = (plan: ExplainedNode | null, about: LookupLines = () => []): string =>
  plan === null ? 'Nothing is fetched.' : treeLines(branchOf(plan, about)).join('\n')

/** Every clause must hold; of a clause one group must be granted whole: `contact and (a+b or c)`. */
const clausesText = (clauses: ExplainedCoordinate['clauses']): string =>
  clauses
    .map((groups) => {
      const text = groups.map((group) => group.join('+')).join(' or ')
      return groups.length > 1 && clauses.length > 1 ? `(${text})` : text
    })
    .join(' and ')

interface Branch {
  readonly title: string
  readonly lines: readonly string[]
  readonly below: readonly Branch[]
}

const branchOf = (node: ExplainedNode, about: LookupLines): Branch => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { title: node.kind, lines: [], below: node.nodes.map((child) => branchOf(child, about)) }
    case 'Fetch':
      return fetchBranch(node)
    case 'EntityFetch':
      return {
        title: `EntityFetch in ${node.subgraph}`,
        lines: [],
        below: node.lookups.map((lookup) => lookupBranch(lookup, about)),
      }
  }
}

const fetchBranch = ({ subgraph, operation, path, variables, asks }: ExplainedFetch): Branch => ({
  title: `Fetch ${operation} in ${subgraph}${path === '' ? '' : ` at ${path}`}`,
  lines: [...labelled('asks', asks), ...labelled('with', variables.join(' '))],
  below: [],
})

const lookupBranch = (lookup: ExplainedLookup, about: LookupLines): Branch => ({
  title: `${lookup.name} at ${lookup.paths.join(', ')}`,
  lines: [
    ...labelled('sends', lookup.sends),
    ...labelled('asks', lookup.asks),
    ...labelled('with', lookup.variables.join(' ')),
    ...lookup.guards.flatMap(({ type, subject, coordinates }) => [
      ...labelled('guards', `${type}, whose person is ${subject}`),
      ...coordinates.map((coordinate) => `${' '.repeat(LABEL + 2)}${coordinateText(coordinate)}`),
    ]),
    ...about(lookup.name),
  ],
  below: [],
})

const coordinateText = ({ coordinate, clauses, inputs, inputOf, otherwise }: ExplainedCoordinate): string =>
  [
    `${coordinate} needs ${clausesText(clauses)}`,
    ...(inputs === undefined ? [] : [`computed from ${inputs}`]),
    ...(inputOf === undefined ? [] : [`fetched only as input of ${inputOf.join(', ')}`]),
    ...(otherwise === undefined ? [] : ['else the default for nobody in particular']),
  ].join('; ')

const LABEL = 8

const labelled = (label: string, text: string): string[] =>
  text === '' ? [] : [`${label.padEnd(LABEL)}${text}`]

const treeLines = ({ title, lines, below }: Branch): string[] => [
  title,
  ...lines.map((line) => `${below.length > 0 ? '│' : ' '}  ${line}`),
  ...below.flatMap((branch, index) => {
    const isLast = index === below.length - 1
    const [first = '', ...rest] = treeLines(branch)
    return [`${isLast ? '└─' : '├─'} ${first}`, ...rest.map((line) => `${isLast ? ' ' : '│'}  ${line}`)]
  }),
]
