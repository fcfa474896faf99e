import type { MatchProgress } from '../subgraphs/identity/matching/match-result.ts'
import type { Source } from '../subgraphs/identity/matching/table/read-rows.ts'
import { progressBar } from './progress-bar.ts'

/** A bar for each step of matching. Reading is measured by bytes: how many rows there are is known at its end. */
export const matchProgress = (
  out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  sources: readonly Source[],
): {
  readonly bytes: (read: number) => void
  readonly step: (progress: MatchProgress) => void
  readonly end: () => void
} => {
  const total = sources.reduce((sum, { table }) => sum + table.bytes, 0)
  let [step, bar] = ['read', progressBar(out)]
  let [bytes, rows] = [0, 0]
  const showReading = (): void => bar.show(bytes, total, `reading, ${rows} rows`)
  return {
    bytes: (read) => {
      bytes = read
      // How many rows there are at the end is told behind the last byte.
      if (read < total) showReading()
    },
    step: (progress) => {
      const { done, of } = progress
      if (progress.step === 'read') {
        rows = done
        if (bytes >= total) showReading()
        return
      }
      if (progress.step !== step) {
        bar.end()
        step = progress.step
        bar = progressBar(out)
      }
      bar.show(done, of ?? Infinity, `${WORDS[progress.step]}, ${done}${of === null ? '' : ` of ${of}`}`)
    },
    end: () => bar.end(),
  }
}

const WORDS: Readonly<Record<MatchProgress['step'], string>> = {
  read: 'reading',
  block: 'finding candidates',
  train: 'learning',
  score: 'comparing',
  cluster: 'clustering',
}
