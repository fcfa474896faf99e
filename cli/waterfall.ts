import { AssentError } from '../gateway/errors.ts'
import type { MatchResult, PairExplanation } from '../subgraphs/identity/matching/match-result.ts'
import { table } from './table.ts'

/** What speaks for and against two rows being one person, step by step, in bits. */
export const waterfall = ([left = '', right = '']: readonly string[], result: MatchResult): string => {
  const found = result.explain(left, right)
  if (found === null) throw unknownId([left, right])
  const steps = [
    { name: 'before looking', level: 'two rows taken at random', weight: found.prior },
    ...found.evidence.map(({ comparison, level, weight }) => ({ name: comparison, level, weight })),
  ]
  let sum = 0
  const rows = steps.map(({ name, level, weight }) => {
    sum += weight
    return [name, level, bits(weight), bar(weight), bits(sum)]
  })
  return [
    `${left}  ${right}`,
    table([['', '', 'bits', '', 'sum'], ...rows, ['all together', '', bits(found.total)]]),
    verdict(found),
    ...found.evidence
      .filter(({ weight }) => weight !== 0)
      .map(({ comparison, why }) => `  ${comparison}: ${why}`),
  ].join('\n')
}

const bits = (weight: number): string => `${weight < 0 ? '-' : '+'}${Math.abs(weight).toFixed(2)}`.padStart(7)

const HALF = 16

/** From the middle to the right what speaks for, to the left what speaks against one person. One sign a bit. */
const bar = (weight: number): string => {
  const length = Math.min(HALF, Math.round(Math.abs(weight)))
  const [against, in_favour] = weight < 0 ? ['-'.repeat(length), ''] : ['', '+'.repeat(length)]
  return `${against.padStart(HALF)}|${in_favour.padEnd(HALF)}`
}

const verdict = ({ probability, decision, vetoes, sameCluster }: PairExplanation): string => {
  const lines = [`probability ${probability.toFixed(6)}: ${DECISIONS[decision]}`]
  for (const veto of vetoes) lines.push(`never one person: ${veto}`)
  lines.push(sameCluster ? 'They are in one cluster.' : 'They are in different clusters.')
  return lines.join('\n')
}

const DECISIONS: Readonly<Record<PairExplanation['decision'], string>> = {
  merge: 'merge',
  possible: 'possible match, for a person to look at',
  apart: 'nothing to say, kept apart',
}

/** Ids stand in tables of people, and may be a customer's number: they are told only to whoever wrote them. */
export const unknownId = (ids: readonly string[]): AssentError => {
  const fault = {
    name: '--explain',
    place: '--explain',
    problem: `no row has the id ${ids.join(' or ')}.`,
    remedy:
      'Write them as the clusters have them, with the name of their file before them under --qualify-ids.',
  }
  return new AssentError('CONFIG_INVALID', '--explain', { faults: [fault] })
}
