import type { PrivateResult, Report } from './evaluate.ts'

/** Recall against ε, a line a trainer; dashed is what no privacy would give. */
export const reportAsPicture = (report: Report): string => {
  const trainers = [...new Set(report.private.map(({ trainer }) => trainer))]
  const scale = scaleOf(report)
  const lines = trainers.flatMap((trainer, at) => {
    const own = report.private
      .filter((one) => one.trainer === trainer)
      .toSorted((a, b) => a.epsilon - b.epsilon)
    return lineOf(own, scale, COLOURS[at % COLOURS.length] ?? 'black')
  })
  const limits = report.baselines.flatMap(({ name, recall }) => limitOf(name, scale.y(recall.value)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>recall@${report.k} against ε</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...axes(report, scale),
    ...limits,
    ...lines,
    '</svg>\n',
  ].join('\n')
}

const [WIDTH, HEIGHT] = [640, 380]
const [LEFT, RIGHT, TOP, BOTTOM] = [50, 150, 20, 45]
const COLOURS = ['#777', '#0b6', '#06c', '#c50']

interface Scale {
  readonly x: (epsilon: number) => number
  readonly y: (recall: number) => number
  readonly most: number
}

/** ε by its logarithm. */
const scaleOf = ({ private: results, baselines }: Report): Scale => {
  const logs = results.map(({ epsilon }) => Math.log(epsilon))
  const [low, high] = [Math.min(...logs, 0), Math.max(...logs, 0.1)]
  const all = [...results, ...baselines].map(({ recall }) => recall.interval[1])
  const most = Math.max(0.1, Math.ceil(Math.max(...all) * 10) / 10)
  return {
    x: (epsilon) => LEFT + 12 + ((Math.log(epsilon) - low) / (high - low)) * (WIDTH - LEFT - RIGHT - 24),
    y: (recall) => HEIGHT - BOTTOM - (recall / most) * (HEIGHT - TOP - BOTTOM),
    most,
  }
}

const axes = ({ private: results, k }: Report, { x, y, most }: Scale): string[] => [
  `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#333"/>`,
  ...Array.from({ length: Math.round(most * 10) + 1 }, (_, at) =>
    text(LEFT - 8, y(at / 10) + 4, (at / 10).toFixed(1), 'end'),
  ),
  ...[...new Set(results.map(({ epsilonAsked }) => epsilonAsked))].map((epsilon) =>
    text(x(epsilon), HEIGHT - BOTTOM + 18, String(Number(epsilon.toFixed(2))), 'middle'),
  ),
  text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, 'ε (one person)', 'middle'),
  text(LEFT, TOP - 6, `recall@${k}`, 'middle'),
]

const lineOf = (results: readonly PrivateResult[], { x, y }: Scale, colour: string): string[] => {
  const last = results.at(-1)
  if (last === undefined) return []
  const points = results.map(({ epsilonAsked, recall }) => `${one(x(epsilonAsked))},${one(y(recall.value))}`)
  return [
    `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...results.flatMap(({ epsilonAsked, recall: { value, interval } }) => [
      `<path d="M${one(x(epsilonAsked))} ${one(y(interval[0]))}V${one(y(interval[1]))}" stroke="${colour}"/>`,
      `<circle cx="${one(x(epsilonAsked))}" cy="${one(y(value))}" r="3" fill="${colour}"/>`,
    ]),
    text(x(last.epsilonAsked) + 8, y(last.recall.value) + 4, last.trainer, 'start', colour),
  ]
}

const limitOf = (name: string, at: number): string[] => [
  `<path d="M${LEFT} ${one(at)}H${WIDTH - RIGHT}" stroke="#aaa" stroke-dasharray="4 4"/>`,
  text(WIDTH - 4, at + 4, `${name}, no privacy`, 'end', '#888'),
]

// eslint-disable-next-line max-params -- what an element says
const text = (x: number, y: number, said: string, anchor: string, colour = '#333'): string =>
  `<text x="${one(x)}" y="${one(y)}" text-anchor="${anchor}" fill="${colour}">${said}</text>`

const one = (value: number): string => value.toFixed(1)
