import type { DataFlow } from './data-flow.ts'

/** The map as an SVG with nothing in it that runs or is fetched: four columns and the lines between them. */
export const dataFlowSvg = (flow: DataFlow): string => {
  const sources = [...new Set(flow.fields.flatMap(({ subgraphs }) => subgraphs))].toSorted()
  const columns = [
    column(
      'subgraph',
      sources.map((name) => ({ name, under: '' })),
    ),
    column(
      'field',
      flow.fields.map(({ coordinate, owner, classification, retention }) => ({
        name: coordinate,
        under: [owner ?? 'no owner', classification, retention].filter((term) => term !== null).join(' · '),
      })),
    ),
    column(
      'client',
      flow.clients.map(({ client, owner, regions }) => ({
        name: client,
        under: [owner, ...regions].join(' · '),
      })),
    ),
    column(
      'destination',
      flow.destinations.map((name) => ({ name, under: '' })),
    ),
  ]
  const rows = Math.max(1, ...columns.map(({ boxes }) => boxes.length))
  const placed = new Map(columns.flatMap((one, at) => places(one, at, rows)))
  const lines = linesOf(flow).map((line) => drawLine(line, placed))
  const [width, height] = [LEFT[3] + BOX_WIDTH + 20, TOP + rows * ROW + 20]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Data about people: where it comes from, who may obtain it, where it goes">`,
    '<style>text{font:12px sans-serif;fill:#1b1f24}.u{font-size:10px;fill:#57606a}rect{fill:#f6f8fa;stroke:#8c959f}path{fill:none;stroke:#0969da;stroke-opacity:.45}.d{stroke:#bc4c00;stroke-dasharray:4 3}</style>',
    ...columns.map(({ kind }, at) => `<text x="${LEFT[at] ?? 0}" y="24" font-weight="bold">${kind}</text>`),
    ...lines,
    ...[...placed.values()].map(drawBox),
    '</svg>',
    '',
  ].join('\n')
}

const LEFT = [20, 240, 640, 900] as const
const [TOP, ROW, BOX_WIDTH, BOX_HEIGHT, FIELD_WIDTH] = [40, 40, 180, 34, 340]

interface Box {
  readonly name: string
  readonly under: string
}

interface PlacedBox extends Box {
  readonly x: number
  readonly y: number
  readonly width: number
}

interface Column {
  readonly kind: string
  readonly boxes: readonly Box[]
}

const column = (kind: string, boxes: readonly Box[]): Column => ({ kind, boxes })

/** A column that is shorter than the longest one stands in its middle. */
const places = ({ kind, boxes }: Column, at: number, rows: number): (readonly [string, PlacedBox])[] =>
  boxes.map((box, row) => [
    `${kind} ${box.name}`,
    {
      ...box,
      x: LEFT[at] ?? 0,
      y: TOP + Math.round((row + 0.5) * (rows / boxes.length) * ROW - ROW / 2),
      width: kind === 'field' ? FIELD_WIDTH : BOX_WIDTH,
    },
  ])

interface Line {
  readonly from: string
  readonly to: string
  readonly title: string
  readonly isDeclared: boolean
}

const linesOf = (flow: DataFlow): readonly Line[] => [
  ...flow.fields.flatMap(({ coordinate, subgraphs }) =>
    subgraphs.map((name) => ({
      from: `subgraph ${name}`,
      to: `field ${coordinate}`,
      title: `${name} → ${coordinate}`,
      isDeclared: true,
    })),
  ),
  ...flow.toClients.map(({ coordinate, client, purposes, scopes, isDeclared }) => ({
    from: `field ${coordinate}`,
    to: `client ${client}`,
    title: `${coordinate} → ${client} for ${purposes.join(', ')}; consent: ${scopes.join(', ') || 'none asked'}`,
    isDeclared,
  })),
  ...flow.toDestinations.map(({ client, destination }) => ({
    from: `client ${client}`,
    to: `destination ${destination}`,
    title: `${client} → ${destination}`,
    isDeclared: true,
  })),
]

const drawLine = ({ from, to, title, isDeclared }: Line, placed: ReadonlyMap<string, PlacedBox>): string => {
  const [start, end] = [placed.get(from), placed.get(to)]
  if (start === undefined || end === undefined) return ''
  const [x1, y1] = [start.x + start.width, start.y + BOX_HEIGHT / 2]
  const [x2, y2] = [end.x, end.y + BOX_HEIGHT / 2]
  const middle = (x1 + x2) / 2
  const drawn = `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
  return `<path${isDeclared ? '' : ' class="d"'} d="${drawn}"><title>${escaped(title)}</title></path>`
}

const drawBox = ({ name, under, x, y, width }: PlacedBox): string =>
  `<g><rect x="${x}" y="${y}" width="${width}" height="${BOX_HEIGHT}" rx="5"/>` +
  `<text x="${x + 8}" y="${y + 15}">${escaped(name)}</text>` +
  `<text class="u" x="${x + 8}" y="${y + 28}">${escaped(under)}</text></g>`

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"'\p{Cc}]/gu, (character) => `&#${character.codePointAt(0) ?? 0};`)
