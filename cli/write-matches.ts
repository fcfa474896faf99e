import type { MatchResult } from '../subgraphs/identity/matching/match-result.ts'
import { withAtomicFiles } from './atomic-files.ts'
import { modelAsText } from './model-file.ts'

/** Where to; what is not named is not written. */
interface Places {
  readonly output?: string | undefined
  readonly clusters?: string | undefined
  readonly model?: string | undefined
}

export const writeMatches = async (
  { output, clusters, model }: Places,
  result: MatchResult,
): Promise<void> => {
  const files: readonly (readonly [string | undefined, () => Iterable<string>])[] = [
    [output, () => pairLines(result)],
    [clusters, () => clusterLines(result)],
    [model, () => [modelAsText(result.model)]],
  ]
  const wanted = files.flatMap(([path, lines]) => (path === undefined ? [] : [{ path, lines }]))
  if (wanted.length === 0) return
  await withAtomicFiles(
    wanted.map(({ path }) => path),
    async (outs) => {
      for (const [at, { lines }] of wanted.entries()) {
        let text = ''
        for (const line of lines()) {
          text += line
          if (text.length < PART) continue
          // eslint-disable-next-line no-await-in-loop -- no more is held than the disk takes
          await outs[at]?.write(text)
          text = ''
        }
        // eslint-disable-next-line no-await-in-loop
        await outs[at]?.write(text)
      }
    },
  )
}

const PART = 64 * 1024

function* pairLines({ pairs }: MatchResult): Generator<string> {
  yield 'left_id,right_id,probability,decision\n'
  for (const { left, right, probability, decision } of pairs)
    yield `${quoted(left)},${quoted(right)},${probability.toFixed(6)},${decision}\n`
}

function* clusterLines({ clusters }: MatchResult): Generator<string> {
  yield 'id,cluster\n'
  for (const { id, cluster } of clusters) yield `${quoted(id)},${quoted(cluster)}\n`
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
