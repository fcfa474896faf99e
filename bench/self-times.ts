import type { Profiler } from 'node:inspector'

/** The functions a profile spent most time in by themselves, as a Markdown table. */
export const selfTimes = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, most = 40): string => {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id)
    if (frame === undefined || IDLE.has(frame.functionName)) continue
    const place = `${frame.url.split('/').slice(-3).join('/')}:${frame.lineNumber + 1}`
    const name = `${frame.functionName || '(anonymous)'} | ${frame.url === '' ? '' : place}`
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[at] ?? 0))
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  const rows = [...times].toSorted(([, a], [, b]) => b - a).slice(0, most)
  const lines = rows.map(([name, time]) => `| ${((100 * time) / total).toFixed(1)} | ${name} |`)
  return `| self % | function | place |\n|---:|---|---|\n${lines.join('\n')}\n`
}

const IDLE: ReadonlySet<string> = new Set(['(idle)', '(program)', '(root)'])
