import type { Comparison, Series } from './compare-contenders.ts'
import { median } from './median.ts'

const WIDTH = 720
const LABELS = 240
const ROW = 18

/** CPU a request over that of the first contender, one bar a contender and concurrency, as SVG. */
export const comparisonChart = ({ series }: Comparison): string => {
  const workloads = [...new Set(series.map(({ workload }) => workload))]
  const first = series[0]?.contender ?? ''
  const longest = Math.max(...series.map(({ ratios }) => median(ratios)))
  let y = 0
  const parts = workloads.flatMap((workload) => {
    y += 34
    const title = `<text x="0" y="${y - 8}" font-weight="bold">${workload}: CPU a request, × ${first}</text>`
    const bars = series
      .filter((one) => one.workload === workload)
      .map((one) => {
        y += ROW
        return bar(one, y - ROW, longest)
      })
    return [title, ...bars]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${parts.join('\n')}
</svg>
`
}

const bar = ({ contender, concurrency, ratios }: Series, y: number, longest: number): string => {
  const ratio = median(ratios)
  const width = ((WIDTH - LABELS - 50) * ratio) / longest
  const fill = contender.startsWith('assent') ? '#0b7285' : '#adb5bd'
  return [
    `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${contender}, ${concurrency} at once</text>`,
    `<rect x="${LABELS}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 5}" fill="${fill}"/>`,
    `<text x="${(LABELS + width + 5).toFixed(1)}" y="${y + 13}">${ratio.toFixed(2)}</text>`,
  ].join('')
}
