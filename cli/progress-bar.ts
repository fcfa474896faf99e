/** One line that is written anew on a terminal; elsewhere a line now and then, so that a log shows that it goes on. */
export const progressBar = (
  out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  clock: () => number = () => performance.now(),
): { readonly show: (done: number, total: number, said: string) => void; readonly end: () => void } => {
  const everyMs = out.isTTY ? 100 : 10_000
  const begun = clock()
  let shownAt = out.isTTY ? -Infinity : begun
  let isOpen = false
  return {
    show: (done, total, said) => {
      const now = clock()
      const isLast = done >= total
      if (!isLast && now - shownAt < everyMs) return
      shownAt = now
      const part = total === 0 ? 1 : done / total
      const filled = Math.round(part * WIDTH)
      const line = `${'='.repeat(filled).padEnd(WIDTH)} ${Math.floor(part * 100)} %  ${said}${remaining(part, now - begun)}`
      out.write(out.isTTY ? `\r\u001B[K${line}` : `${line.trim()}\n`)
      isOpen = out.isTTY
    },
    end: () => {
      if (isOpen) out.write('\n')
      isOpen = false
    },
  }
}

const WIDTH = 30

const remaining = (part: number, ms: number): string => {
  if (part === 0 || part >= 1 || ms < 2_000) return ''
  const seconds = Math.ceil((ms * (1 - part)) / part / 1000)
  return `, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} to go`
}
