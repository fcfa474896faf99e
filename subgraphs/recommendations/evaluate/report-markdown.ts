import type { Report } from './evaluate.ts'
import type { Interval, Measured } from './measure.ts'

/** For who holds the data: what is measured here is exact, and so not private. */
export const reportAsMarkdown = (report: Report, picture?: string): string =>
  [
    '# What recommendations are worth',
    '',
    ...sentencesOf(report).map((sentence) => `- ${sentence}`),
    '',
    `${report.people} people, ${report.items} items, ${report.interactions} interactions. Of each person the newest fifth was kept back and is to be found in a list of ${report.k}; intervals are 95 % over people. ε is for one person more or less, δ = ${report.delta}. The numbers of this page are exact and tell of people: they stay with who holds the data.`,
    '',
    ...(picture === undefined ? [] : [`![recall against ε](${picture})`, '']),
    ...rows(report),
    '',
  ].join('\n')

/** Plainly: what is best at each ε, and what it is worth. */
export const sentencesOf = ({ best, baselines, k }: Report): readonly string[] => {
  const limit = baselines.toSorted((a, b) => b.recall.value - a.recall.value)[0]
  return [
    ...best.map(({ epsilon, served, trainer, recall, popularity }) => {
      const than = popularity === null ? '' : `; popularity at the same ε finds ${number(popularity)}`
      if (served === 'popularity')
        return `At ε = ${shown(epsilon)} nothing was surely better than popularity (${number(recall.value)}), so that is served.`
      return `At ε = ${shown(epsilon)} ${trainer} is best: recall@${k} ${withInterval(recall)}${than}.`
    }),
    ...(limit === undefined
      ? []
      : [`Without privacy ${limit.name} would find ${withInterval(limit.recall)}.`]),
  ]
}

const rows = (report: Report): string[] => [
  `| ε | trainer | served | recall@${report.k} | NDCG@${report.k} | items shown | of the most popular tenth | CPU s |`,
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ...report.private.map(({ epsilon, trainer, served, cpuSeconds, ...measured }) =>
    row(shown(epsilon), trainer, served, measured, cpuSeconds.toFixed(1)),
  ),
  ...report.baselines.map(({ name, ...measured }) => row('none', name, 'never', measured, '')),
]

// eslint-disable-next-line max-params -- a row of a table
const row = (epsilon: string, trainer: string, served: string, measured: Measured, cpu: string): string =>
  `| ${[
    epsilon,
    trainer,
    served,
    withInterval(measured.recall),
    withInterval(measured.ndcg),
    percent(measured.coverage),
    percent(measured.popularPart),
    cpu,
  ].join(' | ')} |`

const number = (value: number): string => value.toFixed(3)
const percent = (value: number): string => `${Math.round(value * 100)} %`
const shown = (epsilon: number): string => String(Number(epsilon.toFixed(3)))
const withInterval = ({ value, interval: [low, high] }: Interval): string =>
  `${number(value)} (${number(low)}–${number(high)})`
