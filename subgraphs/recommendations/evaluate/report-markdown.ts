import type { Report } from './evaluate.ts'
import type { StoredReport } from './measure-stored.ts'
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
    ...(report.stored === null ? [] : storedRows(report.stored, report.k)),
  ].join('\n')

/** Plainly: what is best at each ε, and what it is worth. */
export const sentencesOf = ({ best, baselines, stored, k }: Report): readonly string[] => {
  const limit = baselines.toSorted((a, b) => b.recall.value - a.recall.value)[0]
  return [
    ...best.map(({ epsilon, served, trainer, recall, popularity }) => {
      const than = popularity === null ? '' : `; popularity at the same ε finds ${number(popularity)}`
      if (served === 'popularity')
        return `At ε = ${shown(epsilon)} nothing was surely better than popularity (${number(recall.value)}), so that is served; \`--trainer popularity\` spends all of ε on it.`
      return `At ε = ${shown(epsilon)} ${trainer} is best: recall@${k} ${withInterval(recall)}${than}.`
    }),
    ...(limit === undefined
      ? []
      : [`Without privacy ${limit.name} would find ${withInterval(limit.recall)}.`]),
    ...(stored?.rows ?? []).map(({ sigma, recall, linkage, isRefused }) =>
      isRefused
        ? `Vectors of people with noise of σ = ${sigma} are refused: ${percent(linkage)} of them are found by who knows what they did.`
        : `Vectors of people with noise of σ = ${sigma} could be kept: ${percent(linkage)} of them are found, and recall@${k} is ${number(recall.value)} and not ${number(stored?.perRequest.value ?? 0)}.`,
    ),
  ]
}

const storedRows = (stored: StoredReport, k: number): string[] => [
  '## Vectors of people, if they were kept',
  '',
  `Computed for each request and kept nowhere they find ${withInterval(stored.perRequest)} (${stored.trainer}, ε = ${shown(stored.epsilon)}). Kept, with noise of σ in each of ${stored.dims} coordinates of a vector of length one, among ${stored.among} people; noise with which more than ${percent(stored.mostLinkage)} are found by who knows all they did is refused.`,
  '',
  `| σ | recall@${k} | twenty best still among the twenty | found by who knows all they did | by who knows half of it | |`,
  '| --- | --- | --- | --- | --- | --- |',
  ...stored.rows.map(
    ({ sigma, recall, overlap, linkage, linkageOfHalf, isRefused }) =>
      `| ${sigma} | ${withInterval(recall)} | ${percent(overlap)} | ${percent(linkage)} | ${percent(linkageOfHalf)} | ${isRefused ? 'refused' : 'possible'} |`,
  ),
  '',
]

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
